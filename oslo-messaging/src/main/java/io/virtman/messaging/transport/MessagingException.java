package io.virtman.messaging.transport;

/** Something about messaging failed. Each kind says what the caller can conclude from it. */
public class MessagingException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** For failures that are none of the kinds below, e.g. a broker that refuses the login. */
    public MessagingException(String message) {
        super(message);
    }

    /** The same, with what caused it. */
    public MessagingException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Nothing was heard in time. Whether the work was done is not known. */
    public static final class Timeout extends MessagingException {
        private static final long serialVersionUID = 1;

        /** Says what was waited for, and for how long. */
        public Timeout(String message) {
            super(message);
        }
    }

    /** No queue gets messages for that address: nobody received it. */
    public static final class Undeliverable extends MessagingException {
        private static final long serialVersionUID = 1;

        /** Names the address. */
        public Undeliverable(String message) {
            super(message);
        }
    }

    /** The transport, client or server has been closed. */
    public static final class Closed extends MessagingException {
        private static final long serialVersionUID = 1;

        /** Says what was closed. */
        public Closed(String message) {
            super(message);
        }
    }
}
