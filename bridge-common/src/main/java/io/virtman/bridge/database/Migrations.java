package io.virtman.bridge.database;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/** The tables of a bridge in the schema {@code virtman}, which others keep theirs in as well. */
public final class Migrations {
    private Migrations() {}

    /**
     * Makes them, or brings them up to date; changes nothing else. Two processes may call it at
     * once.
     *
     * @param bridge what the name of the table with the history begins with
     * @param location of the migrations on the class path
     * @throws DatabaseException UNAVAILABLE, or INVALID when a newer version made them, or rights
     *     are missing
     */
    public static void run(Database database, String bridge, String location) {
        // The pool waits no longer than this for a connection, and says so in its own exception.
        database.read(transaction -> transaction.first(row -> row.number("1"), "SELECT 1"));
        try {
            Flyway.configure()
                    .dataSource(database.dataSource())
                    .defaultSchema("virtman")
                    .schemas("virtman")
                    .createSchemas(false)
                    .table(bridge + "_history")
                    .locations("classpath:" + location)
                    .baselineOnMigrate(true) // others' tables may be there
                    .baselineVersion("0")
                    .validateMigrationNaming(true)
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw new DatabaseException(
                    DatabaseException.Kind.INVALID,
                    false,
                    "the tables in schema virtman cannot be brought up to date: " + e.getMessage(),
                    e);
        }
    }
}
