package io.virtman.remote;

import java.time.Duration;

/**
 * How long to wait for an HTTP server.
 *
 * @param connect for one connection
 * @param request for one range with its body, and for each part of an answer without ranges
 * @param firstRetry pause after a failure; doubles with each further one in a row
 * @param longestRetry bound of that pause
 * @param attempts answers of no use in a row, over all readers, after which the import fails; a
 *     server that can't be reached or answers with errors of its own is waited for without end
 * @param patience for one read over all retries, and over waiting for a credential
 */
public record FetchLimits(
        Duration connect,
        Duration request,
        Duration firstRetry,
        Duration longestRetry,
        int attempts,
        Duration patience) {
    /** Values for a data centre. */
    public static FetchLimits standard() {
        return new FetchLimits(
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofMillis(200),
                Duration.ofSeconds(30),
                20,
                Duration.ofSeconds(60));
    }
}
