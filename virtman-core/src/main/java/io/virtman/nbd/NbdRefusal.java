package io.virtman.nbd;

import java.io.IOException;
import java.util.Objects;

/**
 * An export that a server will not open for a client: thrown by a catalogue to refuse, and by the
 * client when it is refused. The message goes over the wire; it is for people.
 */
public final class NbdRefusal extends IOException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Reason {
        /** No such export. */
        UNKNOWN,
        /** It exists, but not for this client. */
        POLICY,
        /** The server cannot serve it as asked. */
        UNSUPPORTED,
        /** The server is going away; another one may serve it. */
        SHUTDOWN,
        /** Only after TLS was negotiated. */
        TLS_REQUIRED,
        /** Anything else; the message says what. */
        OTHER
    }

    private final Reason reason;

    public NbdRefusal(Reason reason, String message) {
        super(message);
        this.reason = Objects.requireNonNull(reason);
    }

    public Reason reason() {
        return reason;
    }
}
