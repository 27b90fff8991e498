package io.virtman.cinder.app.doctor;

import io.virtman.bridge.config.DatabaseOptions;
import io.virtman.cinder.app.doctor.Decisions.ServicePins;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;

/** Looks into the database as the bridge's account; reads only. */
final class DatabaseProbe {
    private static final String NEEDED = "mysql-grants.sql";
    private static final int DENIED_COLUMN = 1143; // ER_COLUMNACCESS_DENIED_ERROR

    private final DatabaseOptions options;

    DatabaseProbe(DatabaseOptions options) {
        this.options = options;
    }

    /** One query, its rows read by {@code reader}. */
    private interface Reader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private <T> List<T> list(String sql, Reader<T> reader) throws SQLException {
        Properties properties = new Properties();
        properties.put("user", options.user());
        properties.put("password", options.password());
        properties.put("connectTimeout", "5000");
        properties.put("socketTimeout", "10000");
        properties.put("connectionTimeZone", "UTC");
        String url = "jdbc:mysql://" + options.server() + "/" + options.schema();
        try (Connection connection = DriverManager.getConnection(url, properties);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<T> all = new ArrayList<>();
            while (rows.next()) {
                all.add(reader.read(rows));
            }
            return all;
        }
    }

    String version() throws SQLException {
        return list("SELECT VERSION()", row -> row.getString(1)).getFirst();
    }

    /** What the account may do. */
    Set<Rights.Right> rights() throws SQLException {
        return Rights.parse(list("SHOW GRANTS", row -> row.getString(1)));
    }

    /** What it should be able to do: {@code etc/mysql-grants.sql}, with the schema's real name. */
    Set<Rights.Right> needed() throws IOException {
        try (InputStream file =
                Objects.requireNonNull(DatabaseProbe.class.getResourceAsStream(NEEDED), NEEDED)) {
            String sql = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            return Rights.parse(
                    Rights.statements(sql.replace("ON cinder.", "ON " + options.schema() + ".")));
        }
    }

    /** How far the database's clock is ahead of ours. */
    Duration ahead() throws SQLException {
        return list(
                        "SELECT UTC_TIMESTAMP(6)",
                        row -> {
                            Instant there =
                                    row.getObject(1, LocalDateTime.class).toInstant(ZoneOffset.UTC);
                            return Duration.between(Instant.now(), there);
                        })
                .getFirst();
    }

    /** Versions of all services; without those of RPC if the account may not read them. */
    List<ServicePins> services(boolean rpc) throws SQLException {
        return list(
                "SELECT host, `binary`, object_current_version"
                        + (rpc ? ", rpc_current_version" : "")
                        + " FROM services WHERE deleted = 0 ORDER BY id LIMIT 10000",
                row ->
                        new ServicePins(
                                row.getString(1),
                                row.getString(2),
                                rpc ? row.getString(4) : null,
                                row.getString(3)));
    }

    List<Finding> versions() throws SQLException {
        try {
            return Decisions.versions(services(true), true);
        } catch (SQLException e) {
            if (e.getErrorCode() != DENIED_COLUMN) {
                throw e;
            }
            return Decisions.versions(services(false), false);
        }
    }

    /** What volume types name. */
    List<String> backendNames() throws SQLException {
        return list(
                "SELECT DISTINCT value FROM volume_type_extra_specs WHERE deleted = 0 AND `key` ="
                        + " 'volume_backend_name' AND value IS NOT NULL LIMIT 10000",
                row -> row.getString(1));
    }
}
