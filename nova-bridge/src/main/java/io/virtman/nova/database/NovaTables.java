package io.virtman.nova.database;

import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.Migrations;

/** The tables of the Nova bridge, in a schema of their own. */
public final class NovaTables {
    /** What the names of the tables of its lease begin with. */
    public static final String LEASES = "virtman_nova.";

    private NovaTables() {}

    /** Makes them, or brings them up to date, see {@link Migrations#run}. */
    public static void migrate(Database database) {
        Migrations.run(database, "virtman_nova", "history", "db/nova-bridge");
    }
}
