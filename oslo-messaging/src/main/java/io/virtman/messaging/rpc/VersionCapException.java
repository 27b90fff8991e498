package io.virtman.messaging.rpc;

import io.virtman.messaging.transport.MessagingException;

/**
 * The program asked for a newer version of the interface than it may send: nothing was sent.
 * Source: {@code RPCVersionCapError} in {@code oslo_messaging/rpc/client.py}.
 */
public final class VersionCapException extends MessagingException {
    private static final long serialVersionUID = 1;

    VersionCapException(String version, String cap) {
        super(
                "version "
                        + version
                        + " must not be sent: its major version must equal that of the cap "
                        + cap
                        + ", and it must not be newer");
    }
}
