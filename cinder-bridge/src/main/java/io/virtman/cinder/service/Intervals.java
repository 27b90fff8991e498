package io.virtman.cinder.service;

import java.time.Duration;

/**
 * How often things are done.
 *
 * @param report the heartbeat of our row among the services
 * @param stats the capability report
 * @param reconcile the look at what is left on hosts
 */
public record Intervals(Duration report, Duration stats, Duration reconcile) {
    /** Images that are being imported are looked after. */
    static final Duration IMAGES = Duration.ofSeconds(2);

    /** Requests that wait for the database are tried again. */
    static final Duration RESUME = Duration.ofSeconds(10);

    /** Requests that are done, and images nobody needs, are forgotten. */
    static final Duration TIDY = Duration.ofMinutes(5);
}
