package io.virtman.volt;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/** Connections, with a time-out on everything, and the schema. */
final class Database {
    private static final int POOL_SIZE = 8;
    private static final long CONNECTION_MILLIS = 5_000;
    private static final String SOCKET_MILLIS = "15000";
    private static final String H2_SETTINGS =
            // With WRITE_DELAY=0 a commit only queues its write, or leaves it out while another one
            // writes. So H2 shall never write by itself, only in the checkpoint after each change,
            // which waits (see JdbcCatalogueStore). Nor shall it move old chunks, neither now and
            // then nor when closing: the catalogue is too small to be worth that risk.
            ";WRITE_DELAY=2147483647;AUTO_COMPACT_FILL_RATE=0;MAX_COMPACT_TIME=0"
                    + ";LOCK_TIMEOUT=5000;DB_CLOSE_ON_EXIT=FALSE";

    private Database() {}

    /** As {@link JdbcCatalogueStore#open}. */
    static HikariDataSource open(DatabaseAddress address) {
        HikariDataSource pool = connect(address);
        try {
            Flyway.configure()
                    .dataSource(pool)
                    .locations("classpath:db/volt")
                    .validateMigrationNaming(true)
                    .load()
                    .migrate();
            return pool;
        } catch (FlywayException e) {
            pool.close();
            throw new ProblemException(
                    Kind.FAILED,
                    "database",
                    "the schema of " + address + " cannot be brought up to date: " + e.getMessage(),
                    "use an empty database, or the version of VirtMan that made this one",
                    e);
        }
    }

    private static HikariDataSource connect(DatabaseAddress address) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("volt");
        config.setJdbcUrl(address.url() + (address.isMySql() ? "" : H2_SETTINGS));
        config.setUsername(address.user());
        config.setPassword(address.password());
        config.setAutoCommit(false);
        config.setMaximumPoolSize(POOL_SIZE);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(CONNECTION_MILLIS);
        config.setValidationTimeout(CONNECTION_MILLIS / 2);
        config.setInitializationFailTimeout(1);
        if (address.isMySql()) {
            config.addDataSourceProperty("connectTimeout", Long.toString(CONNECTION_MILLIS));
            config.addDataSourceProperty("socketTimeout", SOCKET_MILLIS);
            config.addDataSourceProperty("tcpKeepAlive", "true");
        }
        try {
            return new HikariDataSource(config);
        } catch (PoolInitializationException e) {
            throw JdbcCatalogueStore.unavailable(address, e);
        }
    }
}
