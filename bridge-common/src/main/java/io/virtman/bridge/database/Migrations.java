package io.virtman.bridge.database;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/** The tables of a bridge, in a schema that others may keep theirs in as well. */
public final class Migrations {
    private Migrations() {}

    /**
     * Makes them, or brings them up to date; changes nothing else. Two processes may call it at
     * once.
     *
     * @param schema which is there already
     * @param history the name of the table that says which migrations were made
     * @param location of the migrations on the class path
     * @throws DatabaseException UNAVAILABLE, or INVALID when a newer version made them, or rights
     *     are missing
     */
    public static void run(Database database, String schema, String history, String location) {
        // The pool waits no longer than this for a connection, and says so in its own exception.
        database.read(transaction -> transaction.first(row -> row.number("1"), "SELECT 1"));
        try {
            Flyway.configure()
                    .dataSource(database.dataSource())
                    .defaultSchema(schema)
                    .schemas(schema)
                    .createSchemas(false)
                    .table(history)
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
                    "the tables in schema "
                            + schema
                            + " cannot be brought up to date: "
                            + e.getMessage(),
                    e);
        }
    }
}
