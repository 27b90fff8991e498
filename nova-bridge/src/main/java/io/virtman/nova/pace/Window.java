package io.virtman.nova.pace;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How many servers may be under way at a time. Doubles with every window of builds that went well
 * until builds begin to wait, then grows by one; is cut when builds fail, Nova is overloaded, or a
 * build takes much longer than builds did when few were under way: more at a time would then make
 * each slower and none sooner, up to the time-outs that let most of them fail (Li et al., section
 * 4.2). Slow start, additive increase and multiplicative decrease, as TCP does it (RFC 5681), and
 * the wait as a sign of a queue, as TCP Vegas does (Brakmo et al., 1994). For one thread at a time,
 * or under a lock.
 */
public final class Window {
    /** What a wait may have grown to before the window grows no more, and before it shrinks. */
    private static final double CALM = 2.5;

    private static final double CROWDED = 5;
    private static final double AFTER_WAIT = 0.8;
    private static final double AFTER_FAILURE = 0.5;

    private final int least;
    private final int most;
    private double size;
    private double shortest = Double.NaN; // seconds
    private long generation; // of cuts
    private long cutAt;
    private boolean starting = true; // until there is a first sign of a queue

    /**
     * @param first to begin with, from {@code least} to {@code most}
     * @param least 1 or more
     * @param most {@code least} or more
     */
    public Window(int first, int least, int most) {
        if (least < 1 || first < least || most < first) {
            throw new IllegalArgumentException("window of " + first + ", " + least + " to " + most);
        }
        this.least = least;
        this.most = most;
        this.size = first;
    }

    /** Servers that may be under way. */
    public int size() {
        return (int) size;
    }

    /** What was let in now belongs to it; give it back with {@link #built} and {@link #failed}. */
    public long generation() {
        return generation;
    }

    /** The shortest build; null before the first. */
    public @Nullable Duration shortest() {
        return Double.isNaN(shortest) ? null : Duration.ofNanos((long) (shortest * 1e9));
    }

    /**
     * A server came up.
     *
     * @param since the generation when it was asked for
     * @param took from then on
     */
    public void built(long since, Duration took) {
        double seconds = took.toNanos() / 1e9;
        if (Double.isNaN(shortest) || seconds < shortest) {
            shortest = seconds;
        }
        double slowness = seconds / Math.max(shortest, 1e-3);
        if (slowness > CROWDED) {
            cut(since, AFTER_WAIT);
        } else if (slowness < CALM) {
            size = Math.min(most, size + (starting ? 1 : 1 / size));
        } else {
            starting = false;
        }
    }

    /**
     * A server failed, or Nova refused or did not answer.
     *
     * @param since the generation when it was asked for
     */
    public void failed(long since) {
        cut(since, AFTER_FAILURE);
    }

    /**
     * Forgets how long the shortest build took, since the next may be of other servers: when
     * nothing is under way, so that what comes next finds no queue.
     */
    public void forget() {
        shortest = Double.NaN;
    }

    /** Once for all that were let in before: they tell of the same crowd. */
    private void cut(long since, double factor) {
        if (since < cutAt) {
            return;
        }
        starting = false;
        size = Math.max(least, size * factor);
        generation++;
        cutAt = generation;
    }
}
