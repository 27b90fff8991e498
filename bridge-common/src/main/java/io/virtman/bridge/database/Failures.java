package io.virtman.bridge.database;

import io.virtman.bridge.database.DatabaseException.Kind;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLTransientException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an SQLException of MySQL and MariaDB means; the only place that knows their codes. */
final class Failures {
    /** Deadlock, lock wait, "record has changed since last read", duplicate of a savepoint. */
    private static final Set<Integer> CONFLICT = Set.of(1213, 1205, 1020);

    private static final Set<Integer> DUPLICATE = Set.of(1062, 1586);

    /** For a database, user, table, column, procedure or privilege. */
    private static final Set<Integer> DENIED = Set.of(1044, 1045, 1142, 1143, 1227, 1370, 1698);

    /**
     * Too many connections, shutting down, read-only, a Galera node that isn't ready, statement
     * interrupted, killed, or out of time (MariaDB, MySQL), connection killed while idle.
     */
    private static final Set<Integer> UNAVAILABLE =
            Set.of(1040, 1053, 1290, 1836, 1047, 1317, 1927, 1969, 3024, 4031, 1203, 1226);

    private Failures() {}

    static DatabaseException of(SQLException e) {
        return of(e, false);
    }

    /** A commit whose connection broke may have been done. */
    static DatabaseException ofCommit(SQLException e) {
        return of(e, kind(e) == Kind.UNAVAILABLE);
    }

    private static DatabaseException of(SQLException e, boolean outcomeUnknown) {
        Kind kind = kind(e);
        return new DatabaseException(
                kind, outcomeUnknown, "database " + text(kind) + ": " + e.getMessage(), e);
    }

    private static String text(Kind kind) {
        return switch (kind) {
            case UNAVAILABLE -> "unavailable";
            case CONFLICT -> "rows held or changed by others";
            case DUPLICATE -> "row exists already";
            case DENIED -> "account lacks a grant (see etc/mysql-grants.sql)";
            case INVALID -> "refuses the statement";
        };
    }

    static Kind kind(SQLException e) {
        int code = e.getErrorCode();
        if (CONFLICT.contains(code) || "40001".equals(e.getSQLState())) {
            return Kind.CONFLICT;
        }
        if (DUPLICATE.contains(code)) {
            return Kind.DUPLICATE;
        }
        if (DENIED.contains(code)) {
            return Kind.DENIED;
        }
        return UNAVAILABLE.contains(code) || isConnection(e) ? Kind.UNAVAILABLE : Kind.INVALID;
    }

    /** Whether a connection broke while it was used, and before a commit. */
    static boolean isLostConnection(DatabaseException e) {
        return !e.isOutcomeUnknown()
                && e.getCause() instanceof SQLException cause
                && "08S01".equals(cause.getSQLState());
    }

    private static boolean isConnection(SQLException e) {
        @Nullable String state = e.getSQLState();
        return e instanceof SQLTransientConnectionException
                || e instanceof SQLTransientException
                || (state != null && state.startsWith("08"));
    }
}
