package io.virtman.bridge.database;

/**
 * Another process leads now, so nothing of this transaction has been written. Stop: don't
 * acknowledge the request, since the new leader gets it.
 */
public final class LeaseLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LeaseLostException(Lease lease) {
        super("the lease of " + lease.name() + " with epoch " + lease.epoch() + " has been lost");
    }
}
