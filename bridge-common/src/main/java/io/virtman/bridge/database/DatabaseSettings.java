package io.virtman.bridge.database;

import java.time.Duration;
import java.util.Objects;

/**
 * Where the database is, and how long to wait for it.
 *
 * @param server host and port, e.g. {@code db.example.org:3306}; several, with commas, are tried in
 *     turn
 * @param schema the name of the database, e.g. {@code cinder}
 * @param user of the account that {@code etc/mysql-grants.sql} or its sister makes
 * @param password of that account
 * @param poolSize connections for work, 1..64; one more is kept for the lease
 * @param queueTimeout how long work waits for others to end when all connections are taken
 * @param connectTimeout for a new connection; 250 ms or more
 * @param statementTimeout after which the server ends a statement; 1 s or more. The bridge gives up
 *     on a silent server twice as late
 * @param lockTimeout how long a statement waits for rows that others hold, 1 s or more
 * @param idleTransactionTimeout after which MariaDB ends a transaction in which nothing happens,
 *     because this process is paused: until then nobody else can lead. MySQL has no such limit, and
 *     ends the connection after a minute
 */
public record DatabaseSettings(
        String server,
        String schema,
        String user,
        String password,
        int poolSize,
        Duration queueTimeout,
        Duration connectTimeout,
        Duration statementTimeout,
        Duration lockTimeout,
        Duration idleTransactionTimeout) {
    /** Below the RPC timeout of 60 s, retries included, when others hold a row. */
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(5);

    /** Checks ranges. */
    public DatabaseSettings {
        Objects.requireNonNull(password);
        require(server.matches("[\\w.:,\\[\\]-]+"), "server: HOST:PORT, not " + server);
        require(schema.matches("\\w+"), "schema: letters, digits and _ only");
        require(!user.isEmpty(), "user: empty");
        require(poolSize >= 1 && poolSize <= 64, "pool size: 1 to 64");
        require(queueTimeout.isPositive(), "queue timeout: more than 0");
        require(connectTimeout.toMillis() >= 250, "connect timeout: 250 ms or more");
        require(statementTimeout.toSeconds() >= 1, "statement timeout: 1 s or more");
        require(lockTimeout.toSeconds() >= 1, "lock timeout: 1 s or more");
        require(idleTransactionTimeout.toSeconds() >= 1, "idle transaction timeout: 1 s or more");
    }

    /** With so many connections and the usual limits: 5 s to connect, 10 s per statement. */
    public static DatabaseSettings of(
            String server, String schema, String user, String password, int poolSize) {
        return new DatabaseSettings(
                server,
                schema,
                user,
                password,
                poolSize,
                Duration.ofSeconds(20),
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                LOCK_TIMEOUT,
                Duration.ofSeconds(10));
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    String url() {
        return "jdbc:mysql://" + server + "/" + schema;
    }

    /**
     * The limits, which the server keeps. {@code /*M! }is for MariaDB alone, {@code /*!50708 }for
     * MySQL alone (MariaDB leaves out what is for MySQL 5.7 and later), whose limit is for SELECT
     * only: what else there is waits for nothing but locks. TRADITIONAL is what oslo.db sets.
     */
    String sessionSql() {
        return "SET SESSION sql_mode='TRADITIONAL', time_zone='+00:00', wait_timeout=60,"
                + " innodb_lock_wait_timeout="
                + lockTimeout.toSeconds()
                + " /*M! , max_statement_time="
                + statementTimeout.toSeconds()
                + ", idle_transaction_timeout="
                + idleTransactionTimeout.toSeconds()
                + " */ /*!50708 , max_execution_time="
                + statementTimeout.toMillis()
                + " */";
    }

    /** Without the password. */
    @Override
    public String toString() {
        return user + "@" + server + "/" + schema;
    }
}
