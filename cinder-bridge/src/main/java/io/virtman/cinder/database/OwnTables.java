package io.virtman.cinder.database;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/** The bridge's own tables, in the schema {@code virtman} of Cinder's server. */
public final class OwnTables {
    private OwnTables() {}

    /**
     * Makes them, or brings them up to date; changes nothing else. Two processes may call it at
     * once.
     *
     * @throws DatabaseException UNAVAILABLE, or INVALID when a newer version made them, or rights
     *     are missing
     */
    public static void migrate(Database database) {
        // The pool waits no longer than this for a connection, and says so in its own exception.
        database.read(transaction -> transaction.first(row -> row.number("1"), "SELECT 1"));
        try {
            Flyway.configure()
                    .dataSource(database.dataSource())
                    .defaultSchema("virtman")
                    .schemas("virtman")
                    .createSchemas(false)
                    .table("bridge_history")
                    .locations("classpath:db/cinder-bridge")
                    .baselineOnMigrate(true) // Volt's tables may be there
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
