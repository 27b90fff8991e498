package io.virtman.cinder.rpc;

import org.jspecify.annotations.Nullable;

/** A request that can't be what it says it is; it names the argument, and no content. */
final class MalformedRequestException extends RuntimeException {
    private static final long serialVersionUID = 1;

    MalformedRequestException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
