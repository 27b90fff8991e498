package io.virtman.bridge.deadline;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Until when the request that a thread works on may wait for others, so that several waits that are
 * each short enough don't add up to more than its caller has patience for. Without one, each wait
 * has its own limit only.
 */
public final class Deadline {
    private static final ScopedValue<Long> END = ScopedValue.newInstance();

    private Deadline() {}

    /**
     * Does some work, all waits of which together may take so long, and no longer than the deadline
     * there is already.
     */
    public static <T, X extends Throwable> T within(
            Duration patience, ScopedValue.CallableOp<T, X> work) throws X {
        return ScopedValue.where(END, System.nanoTime() + atMost(patience).toNanos()).call(work);
    }

    /** The limit of a single wait, or what is left when that is less; zero when nothing is. */
    public static Duration atMost(Duration limit) {
        Duration left = orElse(limit);
        return left.compareTo(limit) < 0 ? left : limit;
    }

    /** What is left, zero when nothing is; without a deadline this limit. */
    public static Duration orElse(Duration limit) {
        return END.isBound() ? Duration.ofNanos(Math.max(0, END.get() - System.nanoTime())) : limit;
    }

    /** Whether nothing is left. */
    public static boolean isOver() {
        return END.isBound() && END.get() - System.nanoTime() <= 0;
    }

    /**
     * Makes a call that has limits of its own and knows of no deadline. Where there is one, the
     * call is made on another thread, which is interrupted when nothing is left.
     *
     * @param whom who is called, for the message
     * @throws ProblemException UNAVAILABLE when nothing is left; else what the call throws
     */
    public static <T> T keep(String whom, Supplier<T> call) {
        if (!END.isBound()) {
            return call.get();
        }
        FutureTask<T> task = new FutureTask<>(call::get);
        Thread.ofVirtual().name("call-" + whom).start(task);
        try {
            return task.get(Math.max(0, END.get() - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new ProblemException(
                    Kind.UNAVAILABLE, whom, "no answer in time", "try again later", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProblemException(Kind.UNAVAILABLE, whom, "interrupted", "try again later", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw new IllegalStateException(e);
            }
        } finally {
            task.cancel(true);
        }
    }
}
