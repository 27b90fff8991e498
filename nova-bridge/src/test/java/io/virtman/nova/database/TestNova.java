package io.virtman.nova.database;

import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.DatabaseSettings;
import io.virtman.bridge.database.Lease;
import io.virtman.bridge.database.Leases;
import io.virtman.nova.boot.BootState;
import io.virtman.testkit.MariaDb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;

/**
 * A MariaDB server with the account of {@code etc/mysql-grants-nova.sql}, with which all operations
 * are tested, and our tables.
 */
@SuppressWarnings("try") // close may be interrupted
public final class TestNova implements AutoCloseable {
    public static final String PROJECT = "0123456789abcdef0123456789abcdef";
    public static final String USER = "fedcba9876543210fedcba9876543210";
    private static final String PASSWORD = "a-password-for-tests";

    public final MariaDb server;
    public final Database database;

    public TestNova(Path directory) throws Exception {
        this.server = MariaDb.start(directory);
        Path file = Path.of("../etc/mysql-grants-nova.sql");
        String grants =
                Files.readString(Files.exists(file) ? file : Path.of("etc/mysql-grants-nova.sql"));
        execute(grants.replace("CHANGE-ME", PASSWORD));
        this.database = open();
        NovaTables.migrate(database);
    }

    /** Another process's connections. */
    public Database open() {
        return new Database(
                DatabaseSettings.of(
                        "127.0.0.1:" + server.port(), "virtman_nova", "virtman_nova", PASSWORD, 4),
                InstantSource.system());
    }

    /** As root, several statements. */
    public void execute(String sql) throws SQLException, IOException {
        try (Connection root =
                        DriverManager.getConnection(
                                server.url("mysql") + "?allowMultiQueries=true");
                Statement statement = root.createStatement()) {
            statement.execute(sql);
            while (statement.getMoreResults() || statement.getUpdateCount() >= 0) {
                // an error of a later statement shows itself only here
            }
        }
    }

    /** A lease that is held; one that was before is lost. */
    public Lease lead() {
        Leases leases = new Leases(database, NovaTables.LEASES, Duration.ofHours(1));
        String holder = UUID.randomUUID().toString();
        database.note(tx -> tx.update("UPDATE virtman_nova.lease SET expires_at = '2000-01-01'"));
        return leases.acquire("nova", holder).orElseThrow();
    }

    /** A boot of 5 servers and 8 attempts. */
    public static BootRow boot(String project) {
        return new BootRow(
                UUID.randomUUID().toString(),
                project,
                USER,
                Optional.empty(),
                "digest",
                "{\"name\": \"web\"}",
                Optional.of(new BootRow.Secret("AQID")),
                Optional.of("a-trust"),
                5,
                8,
                false,
                BootState.RUNNING,
                Optional.empty(),
                0,
                Instant.EPOCH,
                Instant.EPOCH,
                Optional.empty());
    }

    @Override
    public void close() throws Exception {
        database.close();
        server.close();
    }
}
