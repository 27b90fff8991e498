package io.virtman.openstack.http;

import java.time.Duration;

/**
 * What a call may cost.
 *
 * @param connect for a new connection, more than 0
 * @param attempt from sending to the last byte of the answer, more than 0
 * @param total for all attempts together, and for waiting for a login; at least {@code attempt}
 * @param attempts 1..10; only away, overloaded and too slow servers are asked again, and only where
 *     asking twice does no harm
 * @param pause before the second attempt; doubles from one to the next
 * @param answerBytes 1..64 MiB; longer answers are cut off, and are errors
 */
public record Limits(
        Duration connect,
        Duration attempt,
        Duration total,
        int attempts,
        Duration pause,
        int answerBytes) {
    private static final int LARGEST_ANSWER = 64 << 20;

    /** Checks ranges. */
    public Limits {
        require(connect.isPositive(), "connect: more than 0");
        require(attempt.isPositive(), "attempt: more than 0");
        require(total.compareTo(attempt) >= 0, "total: not less than attempt");
        require(attempts >= 1 && attempts <= 10, "attempts: 1 to 10");
        require(!pause.isNegative(), "pause: 0 or more");
        require(answerBytes >= 1 && answerBytes <= LARGEST_ANSWER, "answer: 1 byte to 64 MiB");
    }

    /** 3 s to connect, 10 s an attempt, 30 s in all, 3 attempts from 0.25 s apart, 4 MiB. */
    public static Limits usual() {
        return new Limits(
                Duration.ofSeconds(3),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                3,
                Duration.ofMillis(250),
                4 << 20);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
