package io.virtman.bridge.database;

import org.jspecify.annotations.Nullable;

/**
 * The database did not do what it was asked for. Nothing of the transaction has been written,
 * unless {@link #isOutcomeUnknown}.
 */
public final class DatabaseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What to do about it. */
    public enum Kind {
        /** Away, or too slow; the same may succeed later. */
        UNAVAILABLE(true),
        /** Others hold the rows, or keep changing them; has been tried again already. */
        CONFLICT(true),
        /** A row with this key exists. */
        DUPLICATE(false),
        /** The account may not do this; see {@code etc/mysql-grants.sql}. */
        DENIED(false),
        /** The data or the schema don't allow it. */
        INVALID(false);

        private final boolean retryable;

        Kind(boolean retryable) {
            this.retryable = retryable;
        }
    }

    private final Kind kind;
    private final boolean outcomeUnknown;

    DatabaseException(
            Kind kind, boolean outcomeUnknown, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.outcomeUnknown = outcomeUnknown;
    }

    /** Of what sort it is. */
    public Kind kind() {
        return kind;
    }

    /** Whether the same may succeed later without anybody doing anything. */
    public boolean isRetryable() {
        return kind.retryable;
    }

    /**
     * Whether the connection was lost while committing, so that the transaction may have been
     * written. Repeat it: operations that find their work done do nothing.
     */
    public boolean isOutcomeUnknown() {
        return outcomeUnknown;
    }
}
