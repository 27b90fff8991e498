package io.virtman.block;

import java.io.IOException;

/** Nobody who has the bytes could be reached in time; later they may be. */
public final class UnreachableException extends IOException {
    private static final long serialVersionUID = 1L;

    public UnreachableException(String message) {
        super(message);
    }
}
