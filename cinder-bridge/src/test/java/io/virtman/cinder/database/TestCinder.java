package io.virtman.cinder.database;

import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.DatabaseSettings;
import io.virtman.bridge.database.Lease;
import io.virtman.bridge.database.Leases;
import io.virtman.testkit.MariaDb;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A MariaDB server with Cinder's schema, our tables, and the account of {@code
 * etc/mysql-grants.sql}, with which all operations are tested. Tests read and prepare rows as root.
 */
@SuppressWarnings("try") // close may be interrupted
public final class TestCinder implements AutoCloseable {
    public static final String BACKEND = "ctl@virtman";
    public static final String PASSWORD = "a-password-for-tests";
    public static final ServiceIdentity IDENTITY =
            new ServiceIdentity(BACKEND, "nova", "3.18", Optional.empty());

    private static final List<String> NEVER_CHANGED =
            List.of("alembic_version", "quota_classes", "bridge_history");

    public final MariaDb server;
    public final TestClock clock = new TestClock();
    public final Database database;
    private final Path directory;
    private @Nullable Connection root;

    public TestCinder() throws Exception {
        this.directory = Files.createTempDirectory("cinder-database");
        this.server = MariaDb.start(directory);
        createCinder("zed.sql.gz");
        execute(grants());
        this.database = open(settings());
        OwnTables.migrate(database);
    }

    public DatabaseSettings settings() {
        return new DatabaseSettings(
                "127.0.0.1:" + server.port(),
                "cinder",
                "virtman_cinder",
                PASSWORD,
                4,
                Duration.ofSeconds(20),
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                Duration.ofSeconds(1),
                Duration.ofSeconds(3));
    }

    public Database open(DatabaseSettings settings) {
        return new Database(settings, clock);
    }

    /** Makes the schema anew. */
    void createCinder(String resource) throws IOException, SQLException {
        execute("DROP DATABASE IF EXISTS cinder; CREATE DATABASE cinder CHARACTER SET utf8mb3");
        load(resource);
    }

    void load(String resource) throws IOException, SQLException {
        execute("USE cinder; SET FOREIGN_KEY_CHECKS = 0; " + resource(resource));
        execute("SET FOREIGN_KEY_CHECKS = 1");
    }

    static String grants() throws IOException {
        Path file = Path.of("../etc/mysql-grants.sql");
        return Files.readString(Files.exists(file) ? file : Path.of("etc/mysql-grants.sql"))
                .replace("CHANGE-ME", PASSWORD);
    }

    /** A lease that is held. */
    public Lease lead() {
        return new Leases(database, OwnTables.LEASES, Duration.ofHours(1))
                .acquire(BACKEND, "test")
                .orElseThrow();
    }

    /** Empties all tables. */
    public void reset() throws SQLException {
        clock.reset();
        List<String> tables =
                list(
                        "SELECT CONCAT(table_schema, '.`', table_name, '`') FROM"
                                + " information_schema.tables WHERE table_schema IN ('cinder',"
                                + " 'virtman') AND table_name NOT IN ('"
                                + String.join("', '", NEVER_CHANGED)
                                + "')");
        StringBuilder sql = new StringBuilder("SET FOREIGN_KEY_CHECKS = 0");
        tables.forEach(table -> sql.append("; DELETE FROM ").append(table));
        execute(sql + "; SET FOREIGN_KEY_CHECKS = 1");
    }

    /** As root, several statements. */
    public void execute(String sql) throws SQLException {
        try (Statement statement = root().createStatement()) {
            statement.execute(sql);
            while (statement.getMoreResults() || statement.getUpdateCount() >= 0) {
                // an error of a later statement shows itself only here
            }
        }
    }

    public int update(String sql, @Nullable Object... arguments) throws SQLException {
        try (PreparedStatement statement = prepare(sql, arguments)) {
            return statement.executeUpdate();
        }
    }

    /** Each row, its columns joined by a bar. */
    public List<String> list(String sql, @Nullable Object... arguments) throws SQLException {
        try (PreparedStatement statement = prepare(sql, arguments);
                ResultSet results = statement.executeQuery()) {
            List<String> rows = new ArrayList<>();
            while (results.next()) {
                List<String> columns = new ArrayList<>();
                for (int i = 1; i <= results.getMetaData().getColumnCount(); i++) {
                    columns.add(String.valueOf(results.getString(i)));
                }
                rows.add(String.join("|", columns));
            }
            return rows;
        }
    }

    /** The only row. */
    public String one(String sql, @Nullable Object... arguments) throws SQLException {
        List<String> rows = list(sql, arguments);
        if (rows.size() != 1) {
            throw new AssertionError(rows.size() + " rows: " + sql);
        }
        return rows.getFirst();
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(
                server.url("") + "?allowMultiQueries=true&connectionTimeZone=UTC", "root", "");
    }

    private PreparedStatement prepare(String sql, @Nullable Object... arguments)
            throws SQLException {
        PreparedStatement statement = root().prepareStatement(sql);
        for (int i = 0; i < arguments.length; i++) {
            statement.setObject(i + 1, arguments[i]);
        }
        return statement;
    }

    private Connection root() throws SQLException {
        Connection connection = root;
        if (connection == null || !connection.isValid(1)) {
            connection = connect();
            root = connection;
            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE DATABASE IF NOT EXISTS cinder");
            }
            connection.setCatalog("cinder");
        }
        return connection;
    }

    private static String resource(String name) throws IOException {
        try (InputStream raw =
                        Objects.requireNonNull(TestCinder.class.getResourceAsStream(name), name);
                InputStream text = name.endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() throws Exception {
        database.close();
        server.close();
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
