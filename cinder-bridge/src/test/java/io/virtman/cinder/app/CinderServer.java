package io.virtman.cinder.app;

import io.virtman.testkit.MariaDb;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/** A MariaDB with Cinder's schema of Zed and the account of {@code etc/mysql-grants.sql}. */
public final class CinderServer implements AutoCloseable {
    /** Of the account. */
    public static final String PASSWORD = "a-password-for-tests";

    private final MariaDb server;

    private CinderServer(MariaDb server) {
        this.server = server;
    }

    /** Starts one in an empty directory. */
    public static CinderServer start(Path directory) throws Exception {
        CinderServer cinder = new CinderServer(MariaDb.start(directory));
        cinder.execute(
                "CREATE DATABASE cinder CHARACTER SET utf8mb3; USE cinder;"
                        + " SET FOREIGN_KEY_CHECKS = 0; "
                        + schema());
        Path grants = Path.of("../etc/mysql-grants.sql");
        cinder.execute(
                Files.readString(Files.exists(grants) ? grants : Path.of("etc/mysql-grants.sql"))
                        .replace("CHANGE-ME", PASSWORD));
        return cinder;
    }

    private static String schema() throws Exception {
        String name = "/io/virtman/cinder/database/zed.sql.gz";
        try (InputStream text =
                new GZIPInputStream(
                        Objects.requireNonNull(CinderServer.class.getResourceAsStream(name)))) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** As root, several statements. */
    public void execute(String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                server.url("") + "?allowMultiQueries=true", "root", "");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
            while (statement.getMoreResults() || statement.getUpdateCount() >= 0) {
                // an error of a later statement shows itself only here
            }
        }
    }

    /** A configuration with this database, and nothing to be reached besides. */
    public String configuration() {
        return """
        [DEFAULT]
        transport_url = rabbit://u:p@127.0.0.1:1/
        [database]
        connection = mysql+pymysql://virtman_cinder:%s@127.0.0.1:%d/cinder
        [keystone_authtoken]
        auth_url = http://127.0.0.1:1
        username = virtman
        password = p
        [cinder]
        host = ctl
        [volt]
        url = http://127.0.0.1:1
        timeout = 2
        """
                .formatted(PASSWORD, server.port());
    }

    @Override
    public void close() {
        server.close();
    }
}
