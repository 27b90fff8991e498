package io.virtman.bridge.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.virtman.bridge.database.DatabaseException.Kind;
import io.virtman.bridge.deadline.Deadline;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.sql.DataSource;

/**
 * A database: bounded connections, transactions, and what to do when they fail. Safe for use by
 * many threads; each call blocks its thread.
 *
 * <p>Connections that broke are replaced when the server is back; nothing needs a restart.
 */
public final class Database implements AutoCloseable {
    /** As {@code oslo_db.api:wrap_db_retry(max_retries=5)} around Cinder's own changes. */
    public static final int RETRIES = 5;

    private static final Duration PAUSE = Duration.ofMillis(10);

    /**
     * Below the session's wait_timeout of 60 s, so that the server ends no connection of a living
     * pool.
     */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);

    /** What to do in a transaction. May run several times, and must do nothing else. */
    public interface Work<T> {
        /** Calls operations; whatever it throws undoes them. */
        T in(Transaction transaction);
    }

    private final DatabaseSettings settings;
    private final InstantSource clock;
    private final HikariDataSource pool;
    private final HikariDataSource readPool;
    private final HikariDataSource leasePool;
    private final Semaphore permits;

    /**
     * Opens no connection before it is needed.
     *
     * @param clock what Cinder's times are taken from; keep it by NTP, since other services compare
     *     them with theirs
     */
    public Database(DatabaseSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
        this.pool = pool("cinder", settings, settings.poolSize(), false);
        this.readPool = pool("cinder-read", settings, settings.poolSize(), true);
        this.leasePool = pool("cinder-lease", settings, 1, false);
        this.permits = new Semaphore(settings.poolSize(), true);
    }

    /**
     * Changes Cinder's rows and ours, unless the lease is lost. Deadlocks are repeated, five times.
     *
     * @throws LeaseLostException when somebody else leads; nothing is written
     * @throws DatabaseException when it did not work
     */
    public <T> T change(Lease lease, Work<T> work) {
        return repeat(() -> queued(() -> once(pool, fenced(lease, work))));
    }

    /**
     * As {@link #change}, on the connection of the lease: for the heartbeat, which must not wait
     * for work, or other services would take us for dead.
     */
    public <T> T changeApart(Lease lease, Work<T> work) {
        return repeat(() -> once(leasePool, fenced(lease, work)));
    }

    /**
     * Reads, without a lease. The statements may see changes between them: each is a transaction of
     * its own, which saves a round trip to end it, and connections of their own, which saves more
     * to switch between the two.
     *
     * @throws DatabaseException when it did not work
     */
    public <T> T read(Work<T> work) {
        return repeat(() -> queued(() -> reading(work)));
    }

    /**
     * Writes one row, by one statement, and without a lease: for what anybody may note, since
     * whoever leads goes by it.
     *
     * @throws DatabaseException when it did not work
     */
    public <T> T note(Work<T> work) {
        return read(work);
    }

    /** On a connection of its own, so that renewing the lease never waits for work. */
    <T> T ofLease(Work<T> work) {
        return once(leasePool, work);
    }

    /** Its connections for work, e.g. for migrations; not to be closed. */
    public DataSource dataSource() {
        return pool;
    }

    DatabaseSettings settings() {
        return settings;
    }

    @Override
    public void close() {
        pool.close();
        readPool.close();
        leasePool.close();
    }

    private static <T> Work<T> fenced(Lease lease, Work<T> work) {
        return transaction -> {
            Leases.fence(transaction, lease);
            return work.in(transaction);
        };
    }

    /**
     * Waits for its turn here rather than in the pool, which can't tell a queue from a server that
     * is away: the one is worth waiting for, the other isn't.
     */
    private <T> T queued(Supplier<T> work) {
        try {
            if (!permits.tryAcquire(
                    Deadline.atMost(settings.queueTimeout()).toMillis(), TimeUnit.MILLISECONDS)) {
                throw new DatabaseException(
                        Kind.UNAVAILABLE,
                        false,
                        "database unavailable: too many wait for it",
                        null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DatabaseException(
                    Kind.UNAVAILABLE, false, "interrupted while waiting for the database", e);
        }
        try {
            return work.get();
        } finally {
            permits.release();
        }
    }

    private <T> T repeat(Supplier<T> work) {
        boolean reconnected = false;
        for (int attempt = 0; ; attempt++) {
            long start = System.nanoTime();
            try {
                return work.get();
            } catch (DatabaseException e) {
                boolean soon = System.nanoTime() - start < settings.connectTimeout().toNanos();
                if (!reconnected && soon && !Deadline.isOver() && Failures.isLostConnection(e)) {
                    // From before a restart of the server, as all that are idle. The pool doesn't
                    // look at those that were used a moment ago. Nothing is committed; or it is
                    // a single row, which is found when it is written once more.
                    reconnected = true;
                    pool.getHikariPoolMXBean().softEvictConnections();
                    readPool.getHikariPoolMXBean().softEvictConnections();
                    leasePool.getHikariPoolMXBean().softEvictConnections();
                    continue;
                }
                if (e.kind() != Kind.CONFLICT || attempt >= RETRIES || Deadline.isOver()) {
                    throw e;
                }
                // The others of a deadlock shall not all come back at once.
                long range = PAUSE.toNanos() << attempt;
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(range / 2, range));
            }
        }
    }

    private <T> T once(DataSource source, Work<T> work) {
        try (Connection connection = source.getConnection()) {
            T result;
            try {
                limit(connection);
                result = work.in(new Transaction(connection, clock.instant()));
            } catch (RuntimeException | Error e) {
                rollback(connection, e);
                throw e;
            }
            commit(connection);
            return result;
        } catch (SQLException e) {
            throw Failures.of(e);
        }
    }

    private <T> T reading(Work<T> work) {
        try (Connection connection = readPool.getConnection()) {
            limit(connection);
            return work.in(new Transaction(connection, clock.instant()));
        } catch (SQLException e) {
            throw Failures.of(e);
        }
    }

    /**
     * Where the request has a deadline, a server that hangs does not keep it much longer; a little,
     * for what is to be written when the time is over. The pool takes the limit back.
     */
    private void limit(Connection connection) throws SQLException {
        Duration usual = settings.statementTimeout().multipliedBy(2);
        Duration left = Deadline.atMost(usual);
        if (left.compareTo(usual) < 0) {
            Duration least = settings.lockTimeout().plusSeconds(1);
            long milliseconds = Math.max(left.toMillis(), least.toMillis());
            connection.setNetworkTimeout(Runnable::run, Math.toIntExact(milliseconds));
        }
    }

    private static void commit(Connection connection) {
        try {
            connection.commit();
        } catch (SQLException e) {
            DatabaseException failure = Failures.ofCommit(e);
            rollback(connection, failure);
            throw failure;
        }
    }

    private static void rollback(Connection connection, Throwable cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e); // the server does it when the connection ends
        }
    }

    private static HikariDataSource pool(
            String name, DatabaseSettings settings, int size, boolean autoCommit) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setJdbcUrl(settings.url());
        config.setUsername(settings.user());
        config.setPassword(settings.password());
        config.setAutoCommit(autoCommit);
        // Cinder runs with the server's REPEATABLE READ. Here every row that matters is locked
        // before it is read, and READ COMMITTED takes no locks on gaps, hence fewer deadlocks.
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        config.setMaximumPoolSize(size);
        // Connections are made by those who wait for one. To keep some idle, HikariCP would try by
        // itself while the server is away, ever more rarely, and be late when it is back.
        config.setMinimumIdle(0);
        config.setConnectionTimeout(settings.connectTimeout().toMillis());
        config.setValidationTimeout(settings.connectTimeout().toMillis());
        config.setKeepaliveTime(KEEP_ALIVE.toMillis());
        config.setInitializationFailTimeout(-1);
        config.setConnectionInitSql(settings.sessionSql());
        property(config, "connectTimeout", settings.connectTimeout().toMillis());
        property(config, "socketTimeout", settings.statementTimeout().multipliedBy(2).toMillis());
        property(config, "tcpKeepAlive", "true");
        property(config, "connectionTimeZone", "UTC");
        property(config, "useLocalSessionState", "true");
        // Parsed once per connection, here and by the server; there are some sixty, up to 1.5 kB.
        property(config, "cachePrepStmts", "true");
        property(config, "prepStmtCacheSize", "128");
        property(config, "prepStmtCacheSqlLimit", "2048");
        property(config, "useServerPrepStmts", "true");
        property(config, "maintainTimeStats", "false");
        property(config, "characterEncoding", "UTF-8");
        return new HikariDataSource(config);
    }

    private static void property(HikariConfig config, String name, Object value) {
        config.addDataSourceProperty(name, value.toString());
    }
}
