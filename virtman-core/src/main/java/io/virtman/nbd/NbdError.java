package io.virtman.nbd;

import java.io.IOException;

/** The server answered a request with an error; the connection is as good as before. */
public final class NbdError extends IOException {
    private static final long serialVersionUID = 1L;

    NbdError(String message) {
        super(message);
    }
}
