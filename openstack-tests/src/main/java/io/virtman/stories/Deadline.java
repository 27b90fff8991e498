package io.virtman.stories;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** Waits for conditions, never for durations. */
final class Deadline {
    private static final Duration STEP = Duration.ofMillis(200);

    private Deadline() {}

    /** Returns when the condition holds; fails the story when it does not in time. */
    static void await(Duration limit, String what, Callable<Boolean> condition) {
        awaitValue(limit, what, condition, Boolean::booleanValue);
    }

    /** Asks until the value is as wanted, and returns it. */
    static <T> T awaitValue(
            Duration limit, String what, Callable<T> question, Predicate<T> wanted) {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            T value = ask(question);
            if (wanted.test(value)) {
                return value;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError(
                        "not within "
                                + limit.toSeconds()
                                + " s: "
                                + what
                                + "; last seen: "
                                + value);
            }
            LockSupport.parkNanos(STEP.toNanos());
        }
    }

    private static <T> T ask(Callable<T> question) {
        try {
            return question.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError("could not be asked", e);
        }
    }
}
