package io.virtman.nova.run;

import java.time.Duration;

/**
 * How long things may take.
 *
 * @param patience how long after it was sent a request may still take effect: the time-outs of
 *     Nova's API and of what stands before it
 * @param build after which a server that isn't up is given up
 * @param largestBatch servers that one request asks for at most
 */
public record RunLimits(Duration patience, Duration build, int largestBatch) {
    /** Checks ranges. */
    public RunLimits {
        if (!patience.isPositive() || !build.isPositive() || largestBatch < 1) {
            throw new IllegalArgumentException("limits must be more than 0");
        }
    }
}
