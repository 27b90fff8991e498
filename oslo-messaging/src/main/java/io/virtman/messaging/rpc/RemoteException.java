package io.virtman.messaging.rpc;

import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.wire.RemoteFailure;

/**
 * The server answered a call with an exception that the program has no class of its own for (see
 * {@link RemoteExceptionMapper}). Everything about it is data that the server sent, hostile names
 * included. Source: {@code RemoteError} in {@code oslo_messaging/rpc/client.py}.
 */
public final class RemoteException extends MessagingException {
    private static final long serialVersionUID = 1;
    private static final int LONGEST_MESSAGE = 2000;

    private final transient RemoteFailure failure;

    /** The failure as an exception. */
    public RemoteException(RemoteFailure failure) {
        super(
                LogText.of(failure.module() + "." + failure.type())
                        + ": "
                        + LogText.of(failure.message(), LONGEST_MESSAGE));
        this.failure = failure;
    }

    /** All of it: class, module, full message, the server's stack trace, arguments. */
    public RemoteFailure failure() {
        return failure;
    }
}
