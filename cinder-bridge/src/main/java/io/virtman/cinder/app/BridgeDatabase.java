package io.virtman.cinder.app;

import io.virtman.cinder.config.DatabaseOptions;
import io.virtman.cinder.database.Database;
import io.virtman.cinder.database.DatabaseSettings;
import java.time.InstantSource;

/** Opens Cinder's database as configured. */
public final class BridgeDatabase {
    private BridgeDatabase() {}

    /** The usual limits, and the configured number of connections. */
    public static DatabaseSettings settings(DatabaseOptions options) {
        DatabaseSettings usual =
                DatabaseSettings.of(
                        options.server(), options.schema(), options.user(), options.password());
        return new DatabaseSettings(
                usual.server(),
                usual.cinderSchema(),
                usual.user(),
                usual.password(),
                options.poolSize(),
                usual.queueTimeout(),
                usual.connectTimeout(),
                usual.statementTimeout(),
                usual.lockTimeout(),
                usual.idleTransactionTimeout());
    }

    /** Connects when it is first used; one connection is enough for a command. */
    public static Database open(DatabaseOptions options) {
        return new Database(
                settings(
                        new DatabaseOptions(
                                options.server(),
                                options.schema(),
                                options.user(),
                                options.password(),
                                1)),
                InstantSource.system());
    }
}
