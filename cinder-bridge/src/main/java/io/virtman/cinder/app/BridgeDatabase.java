package io.virtman.cinder.app;

import io.virtman.bridge.config.DatabaseOptions;
import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.DatabaseSettings;
import java.time.InstantSource;

/** Opens Cinder's database as configured. */
public final class BridgeDatabase {
    private BridgeDatabase() {}

    /** Connects when it is first used; one connection is enough for a command. */
    public static Database open(DatabaseOptions options) {
        return new Database(
                DatabaseSettings.of(
                        options.server(), options.schema(), options.user(), options.password(), 1),
                InstantSource.system());
    }
}
