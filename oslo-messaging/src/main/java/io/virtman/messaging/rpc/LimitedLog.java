package io.virtman.messaging.rpc;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Logs what a hostile peer could cause at any rate: at most one line per second and kind, with how
 * many were left out before. Any thread.
 */
final class LimitedLog {
    private static final long PAUSE_NANOS = 1_000_000_000L;

    enum Kind {
        MALFORMED,
        UNKNOWN_METHOD,
        DUPLICATE,
        JOURNAL,
        REPLY
    }

    private static final class State {
        long last;
        long suppressed = -1; // nothing was logged yet
    }

    private final System.Logger logger;
    private final LongSupplier nanoTime;
    private final Map<Kind, State> states = new EnumMap<>(Kind.class);

    LimitedLog(System.Logger logger, LongSupplier nanoTime) {
        this.logger = logger;
        this.nanoTime = nanoTime;
    }

    void log(System.Logger.Level level, Kind kind, String line) {
        long suppressed;
        synchronized (states) {
            State state = states.computeIfAbsent(kind, _ -> new State());
            long now = nanoTime.getAsLong();
            if (state.suppressed >= 0 && now - state.last < PAUSE_NANOS) {
                state.suppressed++;
                return;
            }
            suppressed = Math.max(state.suppressed, 0);
            state.suppressed = 0;
            state.last = now;
        }
        logger.log(
                level,
                suppressed == 0
                        ? line
                        : line + " (" + suppressed + " more of this kind were not logged)");
    }
}
