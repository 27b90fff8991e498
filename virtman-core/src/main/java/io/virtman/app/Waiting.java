package io.virtman.app;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waiting for other processes: at intervals, within a budget. */
public final class Waiting {
    private static final Duration INTERVAL = Duration.ofMillis(200);

    private Waiting() {}

    /** Lets some time pass between two looks at something remote. */
    public static void pause(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    /**
     * Repeats a call that may be repeated for as long as its service is away.
     *
     * @param deadline by {@link System#nanoTime}
     */
    public static <T> T untilAvailable(long deadline, Supplier<T> call)
            throws InterruptedException {
        while (true) {
            try {
                return call.get();
            } catch (ProblemException e) {
                if (e.kind() != Kind.UNAVAILABLE || System.nanoTime() - deadline >= 0) {
                    throw e;
                }
            }
            pause(INTERVAL);
        }
    }
}
