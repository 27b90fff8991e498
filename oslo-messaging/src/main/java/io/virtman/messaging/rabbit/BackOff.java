package io.virtman.messaging.rabbit;

import io.virtman.messaging.config.ReconnectOptions;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait before the next attempt; random, so that clients do not come together. Pure. */
record BackOff(ReconnectOptions options, RandomGenerator random) {
    /** Before the first attempt after a loss: from zero to half a second at most. */
    Duration spread() {
        long most = Math.min(options.delay().toNanos(), 500_000_000L);
        return Duration.ofNanos(most == 0 ? 0 : random.nextLong(most));
    }

    /**
     * After so many rounds in vain: half of it is sure and half is random.
     *
     * @param rounds 1 or more
     */
    Duration pause(int rounds) {
        long wanted =
                options.interval().toNanos()
                        + options.step().toNanos() * Math.min(rounds - 1, 10_000L);
        long half = Math.min(wanted, options.maximum().toNanos()) / 2;
        return Duration.ofNanos(half + random.nextLong(half + 1));
    }
}
