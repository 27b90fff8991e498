package io.virtman.nbd;

import java.io.Closeable;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Deadlines for blocking sockets: closing the socket is what ends a blocked call, on TCP and Unix
 * sockets alike. One daemon thread serves the process; what it runs never waits.
 */
final class Deadlines {
    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private final AtomicBoolean passed = new AtomicBoolean();
    private final Future<?> task;

    private Deadlines(Duration after, Closeable target) {
        this.task =
                TIMER.schedule(
                        () -> {
                            passed.set(true);
                            Closeables.close(target);
                        },
                        after.toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    /** Closes {@code target} after that time unless {@link #cancel} comes first. */
    static Deadlines close(Closeable target, Duration after) {
        return new Deadlines(after, target);
    }

    void cancel() {
        task.cancel(false);
    }

    /** Whether the deadline closed its target. */
    boolean passed() {
        return passed.get();
    }

    private static ScheduledThreadPoolExecutor timer() {
        var executor =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name("nbd-deadlines").factory());
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }
}
