package io.virtman.nova.cloud;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** OpenStack did not do what it was asked for. Messages are for users, and hold nothing secret. */
public final class CloudException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1;

    /** What follows from it. */
    public enum Kind {
        /** Away, overloaded, or too slow: it may have been done all the same. */
        UNAVAILABLE,
        /** It was understood and declined, and will be again; nothing was done. */
        REFUSED,
        /** The right to act for the user has ended: the trust was deleted, or its user was. */
        UNAUTHORIZED
    }

    private final Kind kind;

    /**
     * Of a failed call.
     *
     * @param message what a user may know
     */
    public CloudException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** Of what sort it is. */
    public Kind kind() {
        return kind;
    }
}
