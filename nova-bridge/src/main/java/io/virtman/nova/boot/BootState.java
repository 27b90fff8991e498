package io.virtman.nova.boot;

/** Where a boot is. */
public enum BootState {
    /** Servers are being made. */
    RUNNING(false),
    /** Nothing new is asked for; what is under way comes to its end. */
    CANCELLING(false),
    /** All that it made is being deleted, as its user wanted when it was cancelled. */
    CLEARING(false),
    /** It can't be completed, and all that it made is being deleted, as was asked for that case. */
    FAILING(false),
    /** As many servers as were asked for run. */
    COMPLETED(true),
    /** Fewer run, and there will be no more. */
    FAILED(true),
    /** It was cancelled, and nothing is under way any more. */
    CANCELLED(true);

    private final boolean last;

    BootState(boolean last) {
        this.last = last;
    }

    /** Whether nothing will be done any more. */
    public boolean isLast() {
        return last;
    }
}
