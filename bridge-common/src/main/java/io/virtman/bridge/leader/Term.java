package io.virtman.bridge.leader;

/** The time for which this process leads: what is done in it. */
public interface Term extends AutoCloseable {
    /**
     * Asked a few times per duration of the lease; false ends the term, and another may begin, here
     * or elsewhere.
     */
    boolean goesOn();

    /** Comes before {@link #close} when the process ends, as opposed to another taking over. */
    void sayGoodbye();

    /** Ends all that was begun; waits for it, within reason. The lease is still held, or lost. */
    @Override
    void close();
}
