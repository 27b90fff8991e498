package io.virtman.openstack.http;

import java.io.Serial;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A call that has failed, by what it means for the caller. Messages name the call, the status and
 * OpenStack's id of the request, and never hold a token, a password or what the server sent. What
 * the server has said for people is apart, in {@link #reason}.
 */
public abstract sealed class OpenStackException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1;

    /** Cinder and Nova answer a quota that is used up with 413 or 403. */
    private static final Pattern QUOTA =
            Pattern.compile("(?i)quota exceeded|exceeds .*quota|over.?limit");

    private final String reason;

    private OpenStackException(String message, @Nullable Throwable cause) {
        this(message, cause, "");
    }

    private OpenStackException(String message, @Nullable Throwable cause, String reason) {
        super(message, cause);
        this.reason = reason;
    }

    /**
     * Why, in the server's words, for the user who asked: plain text on one line, of at most 300
     * characters, without tokens. Empty where the server gave none; always so for what is {@link
     * Unauthorized} or {@link Unavailable}.
     */
    public final String reason() {
        return reason;
    }

    /** 401: the token, or name and password, are not accepted. */
    public static final class Unauthorized extends OpenStackException {
        @Serial private static final long serialVersionUID = 1;

        /** For a call that has been answered so. */
        public Unauthorized(String message) {
            super(message, null);
        }
    }

    /** 403: known, and not allowed to do this. */
    public static final class Forbidden extends OpenStackException {
        @Serial private static final long serialVersionUID = 1;

        /** For a call that has been answered so. */
        public Forbidden(String message) {
            this(message, "");
        }

        private Forbidden(String message, String reason) {
            super(message, null, reason);
        }
    }

    /** 404: it is not there, or this account must not know that it is. */
    public static final class NotFound extends OpenStackException {
        @Serial private static final long serialVersionUID = 1;

        /** For a call that has been answered so. */
        public NotFound(String message) {
            this(message, "");
        }

        private NotFound(String message, String reason) {
            super(message, null, reason);
        }
    }

    /** Away, overloaded (5xx, 429), or too slow: it may work later. */
    public static final class Unavailable extends OpenStackException {
        @Serial private static final long serialVersionUID = 1;

        /** For a call that has not been answered; the cause is that of the last attempt. */
        public Unavailable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** An answer that this service should not give, or a catalogue without it. */
    public static sealed class Unexpected extends OpenStackException {
        @Serial private static final long serialVersionUID = 1;

        /** For an answer that makes no sense here. */
        public Unexpected(String message) {
            this(message, "");
        }

        private Unexpected(String message, String reason) {
            super(message, null, reason);
        }
    }

    /**
     * 400, 409, 413, 422, and 403 for a quota that is used up: understood and declined, and nothing
     * was done. For a call that is always right it is as unexpected as any other answer.
     */
    public static final class Refused extends Unexpected {
        @Serial private static final long serialVersionUID = 1;

        /**
         * For a call that has been answered so.
         *
         * @param reason what {@link #reason} is to give
         */
        public Refused(String message, String reason) {
            super(message, reason);
        }
    }

    /** The exception of a status of 300 or more. */
    static OpenStackException ofStatus(int status, String what, String reason) {
        return switch (status) {
            case 400, 409, 413, 422 -> new Refused(what, reason);
            case 401 -> new Unauthorized(what);
            case 403 ->
                    QUOTA.matcher(reason).find()
                            ? new Refused(what, reason)
                            : new Forbidden(what, reason);
            case 404 -> new NotFound(what, reason);
            case 408, 429 -> new Unavailable(what, null);
            default ->
                    status >= 500
                            ? new Unavailable(what, null)
                            : status < 400
                                    ? new Unexpected(
                                            what
                                                    + ", a redirect, which is not followed: correct the endpoint")
                                    : new Unexpected(what);
        };
    }
}
