package io.virtman.stack.userspace;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks at something outside this JVM again and again until a deadline, for files that other
 * processes write. One thread.
 */
final class Poller {
    private static final long FIRST_NANOSECONDS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LONGEST_NANOSECONDS = TimeUnit.MILLISECONDS.toNanos(100);

    private final long deadline;
    private long interval = FIRST_NANOSECONDS;

    Poller(Duration timeout) {
        deadline = System.nanoTime() + timeout.toNanos();
    }

    /**
     * Waits until it is time to look again.
     *
     * @return false when the time is up
     * @throws InterruptedIOException when the thread is interrupted
     */
    boolean pause() throws InterruptedIOException {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        LockSupport.parkNanos(this, Math.min(interval, left));
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted while waiting");
        }
        interval = Math.min(interval * 2, LONGEST_NANOSECONDS);
        return true;
    }
}
