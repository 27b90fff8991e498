package io.virtman.peer;

import java.time.Duration;
import java.util.List;

/**
 * How long to wait for parents.
 *
 * @param connect for one connection with its handshake
 * @param read for one read from a member of level 1; each level below waits {@code readPerLevel}
 *     longer, so that a parent's answer or failure arrives before its child gives up
 * @param readPerLevel see {@code read}
 * @param firstRetry pause of a parent after its first failure; doubles with each further one
 * @param longestRetry bound of that pause
 * @param patience for one fetch over all parents and retries; then it fails
 */
public record PeerTimeouts(
        Duration connect,
        Duration read,
        Duration readPerLevel,
        Duration firstRetry,
        Duration longestRetry,
        Duration patience) {
    public PeerTimeouts {
        for (Duration one : List.of(connect, read, firstRetry, longestRetry, patience)) {
            if (!one.isPositive()) {
                throw new IllegalArgumentException("a time-out of " + one);
            }
        }
    }

    /** Values for a data centre. */
    public static PeerTimeouts standard() {
        return new PeerTimeouts(
                Duration.ofSeconds(2),
                Duration.ofSeconds(5),
                Duration.ofSeconds(2),
                Duration.ofMillis(200),
                Duration.ofSeconds(10),
                Duration.ofSeconds(60));
    }

    /** The deadline of one read by a member of {@code level} (1 and up). */
    Duration readAt(int level) {
        return read.plus(readPerLevel.multipliedBy(Math.max(0, level - 1)));
    }
}
