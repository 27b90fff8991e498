package io.virtman.cinder.engine;

import java.time.Duration;

/**
 * Until when the request that a thread works on may wait for others, so that several waits that are
 * each short enough don't add up to more than its caller has patience for. Without one, each wait
 * has its own limit only.
 */
public final class Deadline {
    private static final ScopedValue<Long> END = ScopedValue.newInstance();

    private Deadline() {}

    /** Does some work, all waits of which together may take so long. */
    public static <T, X extends Throwable> T within(
            Duration patience, ScopedValue.CallableOp<T, X> work) throws X {
        return ScopedValue.where(END, System.nanoTime() + patience.toNanos()).call(work);
    }

    /** The limit of a single wait, or what is left when that is less; zero when nothing is. */
    public static Duration atMost(Duration limit) {
        if (!END.isBound()) {
            return limit;
        }
        Duration left = Duration.ofNanos(Math.max(0, END.get() - System.nanoTime()));
        return left.compareTo(limit) < 0 ? left : limit;
    }
}
