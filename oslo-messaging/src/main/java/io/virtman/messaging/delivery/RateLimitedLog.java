package io.virtman.messaging.delivery;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Logs at most one line of a kind per interval, and with the next one how many were left out: a
 * sender of bad messages cannot fill the disk. Any thread.
 *
 * <p>What a line holds may come from the wire: control characters become spaces, so that it stays
 * one line, and it is cut at {@value #LONGEST} characters.
 */
public final class RateLimitedLog {
    static final int LONGEST = 500;
    static final int KINDS = 64;
    private static final String OTHER = "other";

    private final System.Logger logger;
    private final long interval;
    private final LongSupplier nanoseconds;
    private final Map<String, Kind> kinds = new HashMap<>();

    /** When a kind was logged last, and how many lines were left out since. */
    private static final class Kind {
        private long logged;
        private long omitted;
    }

    /**
     * A log of its own limits.
     *
     * @param logger where the lines go
     * @param interval between two lines of one kind
     * @param nanoseconds a clock that never goes back, e.g. {@code System::nanoTime}
     */
    public RateLimitedLog(System.Logger logger, Duration interval, LongSupplier nanoseconds) {
        this.logger = logger;
        this.interval = interval.toNanos();
        this.nanoseconds = nanoseconds;
    }

    /** {@link #log(System.Logger.Level, String, Supplier, Throwable)} without a cause. */
    public void log(System.Logger.Level level, String kind, Supplier<String> line) {
        log(level, kind, line, null);
    }

    /**
     * Logs a line unless one of its kind was logged less than an interval ago.
     *
     * @param kind what the limit is for; given by the program, never taken from a message. Beyond
     *     {@value #KINDS} kinds all others share one limit
     * @param line made only when it is logged
     * @param cause logged with its stack trace; null for none
     */
    public void log(
            System.Logger.Level level,
            String kind,
            Supplier<String> line,
            @Nullable Throwable cause) {
        if (!logger.isLoggable(level)) {
            return;
        }
        long omitted = take(kind);
        if (omitted < 0) {
            return;
        }
        String text = oneLine(line.get()) + (omitted == 0 ? "" : " (" + omitted + " more before)");
        if (cause == null) {
            logger.log(level, text);
        } else {
            logger.log(level, text, cause);
        }
    }

    /** How many lines of the kind were left out since the last one; -1 to leave this one out. */
    private synchronized long take(String kind) {
        long now = nanoseconds.getAsLong();
        Kind state = kinds.get(kind);
        if (state == null && kinds.size() >= KINDS - 1) {
            state = kinds.get(OTHER);
        }
        if (state == null) {
            state = new Kind();
            kinds.put(kinds.size() < KINDS - 1 ? kind : OTHER, state);
        } else if (now - state.logged < interval) {
            state.omitted++;
            return -1;
        }
        long omitted = state.omitted;
        state.omitted = 0;
        state.logged = now;
        return omitted;
    }

    /** A text from a message as part of a log line: no control characters, not too long. */
    public static String oneLine(String text) {
        String cut = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
        return cut.replaceAll("[\\p{Cntrl}\\u2028\\u2029\\u0085]", " ");
    }
}
