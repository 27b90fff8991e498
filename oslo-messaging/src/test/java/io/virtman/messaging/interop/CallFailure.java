package io.virtman.messaging.interop;

/** How a call failed, in no language. */
final class CallFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Kind kind;
    private final String type;

    CallFailure(Kind kind, String type, String message, Throwable cause) {
        super(kind + " " + type + ": " + message, cause);
        this.kind = kind;
        this.type = type;
    }

    Kind kind() {
        return kind;
    }

    /** Class that the server named; empty when no server did. */
    String type() {
        return type;
    }

    enum Kind {
        /** {@code MessagingTimeout}. */
        TIMEOUT,
        /** The exception of the server, of a module that the caller allows. */
        MAPPED,
        /** {@code RemoteError}: of any other module. */
        UNMAPPED,
        /** The message could not be sent. */
        NOT_SENT
    }
}
