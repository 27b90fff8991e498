package io.virtman.testkit;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for conditions, never for durations. */
public final class Await {
    private static final long DEADLINE = 20_000_000_000L;
    private static final long STEP = 1_000_000L;

    private Await() {}

    /** Returns when the condition holds; fails the test when it does not in 20 seconds. */
    public static void until(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > DEADLINE) {
                throw new AssertionError("the condition did not come true in 20 s");
            }
            LockSupport.parkNanos(STEP);
        }
    }
}
