package io.virtman.messaging.rpc;

import java.time.Duration;

/** Time, as the clients and servers of this package see it; tests bring their own. Any thread. */
interface Timers extends AutoCloseable {
    /** As {@link System#nanoTime()}. */
    long nanoTime();

    /** Runs the action once, on a thread of its own that may block; never after {@link #close}. */
    Alarm after(Duration delay, Runnable action);

    /** Forgets all alarms. */
    @Override
    void close();

    /** Something that is going to happen. */
    @FunctionalInterface
    interface Alarm {
        /** Forgets it; does nothing when it already happens. */
        void cancel();
    }
}
