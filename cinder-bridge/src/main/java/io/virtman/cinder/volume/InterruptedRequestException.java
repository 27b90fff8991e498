package io.virtman.cinder.volume;

/** The service ends while a request waits; it is taken up again after the next start. */
public final class InterruptedRequestException extends RuntimeException {
    private static final long serialVersionUID = 1;

    InterruptedRequestException() {
        super("the service ends");
    }
}
