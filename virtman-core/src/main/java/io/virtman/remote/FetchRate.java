package io.virtman.remote;

import java.time.Duration;

/**
 * How fast units may be fetched that nobody waits for.
 *
 * @param bytesPerSecond more than 0
 */
record FetchRate(long bytesPerSecond) {
    /** No more than the rate allows in a quarter of a second, but one. */
    int unitsAtOnce() {
        return Math.clamp(bytesPerSecond / 4 / LazyFile.UNIT, 1, LazyFile.UNITS_AT_ONCE);
    }

    /** Nanoseconds that units take. */
    long nanos(int units) {
        return (long)
                ((double) units * LazyFile.UNIT / bytesPerSecond * Duration.ofSeconds(1).toNanos());
    }
}
