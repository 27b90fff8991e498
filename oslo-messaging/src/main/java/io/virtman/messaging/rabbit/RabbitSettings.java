package io.virtman.messaging.rabbit;

import java.time.Duration;

/**
 * What is no option of oslo.messaging.
 *
 * @param program what the connections are called at the broker, e.g. {@code cinder-bridge}
 * @param maximumBody up to how many bytes a message is received as usual; memory for receiving is
 *     at most this times the unsettled messages. Longer ones are received one at a time on a
 *     connection for them
 * @param inFlight how many messages may wait for their confirm
 * @param inFlightBytes how many bytes of them may wait for that, unless one alone is longer
 * @param connectTimeout for the TCP connection
 * @param answerTimeout for the login and for each answer of the broker
 * @param closeTimeout how long closing may take in all
 */
public record RabbitSettings(
        String program,
        int maximumBody,
        int inFlight,
        int inFlightBytes,
        Duration connectTimeout,
        Duration answerTimeout,
        Duration closeTimeout) {
    /** RabbitMQ's hard limit, {@code ?MAX_MSG_SIZE} in {@code rabbit.hrl}: 512 MiB. */
    static final int LARGEST_BODY = 512 << 20;

    /** Checks the ranges. */
    public RabbitSettings {
        if (maximumBody < 1
                || maximumBody > LARGEST_BODY
                || inFlight < 1
                || inFlightBytes < 1
                || !connectTimeout.isPositive()
                || !answerTimeout.isPositive()
                || !closeTimeout.isPositive()) {
            throw new IllegalArgumentException("bounds and time-outs are more than 0");
        }
    }

    /** 16 MiB, 1000 messages, 64 MiB, 5, 10 and 10 seconds. */
    public static RabbitSettings of(String program) {
        return new RabbitSettings(
                program,
                16 << 20,
                1000,
                64 << 20,
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10));
    }

    /** The same with another limit for messages received. */
    public RabbitSettings withMaximumBody(int bytes) {
        return new RabbitSettings(
                program,
                bytes,
                inFlight,
                inFlightBytes,
                connectTimeout,
                answerTimeout,
                closeTimeout);
    }

    /** The same with another number of messages that may wait for their confirm. */
    public RabbitSettings withInFlight(int messages) {
        return new RabbitSettings(
                program,
                maximumBody,
                messages,
                inFlightBytes,
                connectTimeout,
                answerTimeout,
                closeTimeout);
    }
}
