package io.virtman.openstack.http;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A call that has failed, by what it means for the caller. Messages name the call, the status and
 * OpenStack's id of the request, and never hold a token, a password or what the server sent.
 */
public abstract sealed class OpenStackException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1;

    private OpenStackException(String message, @Nullable Throwable cause) {
        super(message, cause);
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
            super(message, null);
        }
    }

    /** 404: it is not there, or this account must not know that it is. */
    public static final class NotFound extends OpenStackException {
        @Serial private static final long serialVersionUID = 1;

        /** For a call that has been answered so. */
        public NotFound(String message) {
            super(message, null);
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
    public static final class Unexpected extends OpenStackException {
        @Serial private static final long serialVersionUID = 1;

        /** For an answer that makes no sense here. */
        public Unexpected(String message) {
            super(message, null);
        }
    }

    /** The exception of a status of 300 or more. */
    static OpenStackException ofStatus(int status, String what) {
        return switch (status) {
            case 401 -> new Unauthorized(what);
            case 403 -> new Forbidden(what);
            case 404 -> new NotFound(what);
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
