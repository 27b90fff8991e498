package io.virtman.messaging.config;

import java.time.Duration;

/**
 * When and where to connect again; see {@code impl_rabbit.py}, {@code Connection.ensure}, and kombu
 * {@code Connection.ensure_connection}.
 *
 * @param interval {@code rabbit_retry_interval}: pause after all hosts were tried in vain once
 * @param step {@code rabbit_retry_backoff}: how much longer each further pause is
 * @param maximum {@code rabbit_interval_max}: no pause is longer, unless the first one is already
 * @param delay {@code kombu_reconnect_delay}: how much clients spread their first attempt after a
 *     loss, so that they do not all come at once
 * @param failover {@code kombu_failover_strategy}
 */
public record ReconnectOptions(
        Duration interval,
        Duration step,
        Duration maximum,
        Duration delay,
        FailoverStrategy failover) {
    /** What oslo.messaging has when nothing is configured. */
    public static final ReconnectOptions DEFAULTS =
            new ReconnectOptions(
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(1),
                    FailoverStrategy.ROUND_ROBIN);

    /** Which host comes next; both begin anywhere. */
    public enum FailoverStrategy {
        /** In the order of the transport URL. */
        ROUND_ROBIN,
        /** In another order each time. */
        SHUFFLE
    }

    /** Checks the ranges. */
    public ReconnectOptions {
        if (!interval.isPositive() || step.isNegative() || delay.isNegative()) {
            throw new IllegalArgumentException("pauses between connections are not negative");
        }
        if (maximum.compareTo(interval) < 0) {
            maximum = interval; // kombu then always waits for the interval
        }
    }
}
