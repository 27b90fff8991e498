package io.virtman.cinder.database;

import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.Migrations;

/** The bridge's own tables, in the schema {@code virtman} of Cinder's server. */
public final class OwnTables {
    /**
     * What the names of the tables of its lease begin with, see {@link
     * io.virtman.bridge.database.Leases}.
     */
    public static final String LEASES = "virtman.bridge_";

    private OwnTables() {}

    /** Makes them, or brings them up to date, see {@link Migrations#run}. */
    public static void migrate(Database database) {
        Migrations.run(database, "virtman", "bridge_history", "db/cinder-bridge");
    }
}
