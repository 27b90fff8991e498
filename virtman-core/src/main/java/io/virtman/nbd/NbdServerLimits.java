package io.virtman.nbd;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.time.Duration;

/**
 * What clients may use up.
 *
 * @param maximumConnections connections at once, at least 1; one more is accepted and closed at
 *     once. A connection counts until its last running request ended
 * @param handshakeDeadline from accepting a connection until it serves requests, up to 1 hour; then
 *     it is closed
 * @param maximumRequestBytes longest read, 64 KiB to 64 MiB; announced to clients
 * @param maximumInFlightBytes per connection, bytes of requests waiting for other hosts; at least
 *     {@code maximumRequestBytes}. While they are exceeded no further request is read
 */
public record NbdServerLimits(
        int maximumConnections,
        Duration handshakeDeadline,
        int maximumRequestBytes,
        int maximumInFlightBytes) {
    private static final int SMALLEST_MAXIMUM = 64 << 10; // the protocol's, for unfragmented reads
    private static final int LARGEST_MAXIMUM = 64 << 20;

    public NbdServerLimits {
        require(maximumConnections >= 1, "maximumConnections", "at least 1");
        require(
                handshakeDeadline.isPositive()
                        && handshakeDeadline.compareTo(Duration.ofHours(1)) <= 0,
                "handshakeDeadline",
                "more than 0 and at most 1 hour");
        require(
                maximumRequestBytes >= SMALLEST_MAXIMUM && maximumRequestBytes <= LARGEST_MAXIMUM,
                "maximumRequestBytes",
                "between " + SMALLEST_MAXIMUM + " and " + LARGEST_MAXIMUM);
        require(
                maximumInFlightBytes >= maximumRequestBytes,
                "maximumInFlightBytes",
                "at least maximumRequestBytes, " + maximumRequestBytes);
    }

    /** 1024 connections, 10 s, 32 MiB as the protocol recommends, 64 MiB in flight. */
    public static NbdServerLimits standard() {
        return new NbdServerLimits(
                1024,
                Duration.ofSeconds(10),
                NbdProtocol.DEFAULT_MAXIMUM_PAYLOAD,
                2 * NbdProtocol.DEFAULT_MAXIMUM_PAYLOAD);
    }

    private static void require(boolean valid, String field, String range) {
        if (!valid) {
            throw new ProblemException(
                    Kind.INVALID, field, "out of range", "choose a value " + range);
        }
    }
}
