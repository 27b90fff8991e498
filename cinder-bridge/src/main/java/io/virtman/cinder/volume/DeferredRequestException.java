package io.virtman.cinder.volume;

/** A request can't go on now: it stays in the journal, and is done again in a while. */
public final class DeferredRequestException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * For this reason.
     *
     * @param reason for people
     */
    DeferredRequestException(String reason) {
        super(reason);
    }
}
