package io.virtman.messaging.config;

import java.time.Duration;

/**
 * How queues and exchanges are declared. Every program at a broker must declare the same, or
 * RabbitMQ refuses; see {@code impl_rabbit.py}, {@code _get_queue_arguments} and the {@code
 * declare_*_consumer} methods.
 *
 * @param durable {@code amqp_durable_queues}: queues and exchanges of topics survive a restart
 * @param autoDelete {@code amqp_auto_delete}: those of topics go with the last that uses them
 * @param quorum {@code rabbit_quorum_queue}: replicated queues for topics, which are durable too
 * @param transientQuorum {@code rabbit_transient_quorum_queue}: the same for replies and fanout
 * @param mirrored {@code rabbit_ha_queues}: argument x-ha-policy, without meaning since 3.0
 * @param deliveryLimit {@code rabbit_quorum_delivery_limit}; 0 for the broker's own
 * @param maximumMemoryLength {@code rabbit_quorum_max_memory_length} in messages; 0 for no limit
 * @param maximumMemoryBytes {@code rabbit_quorum_max_memory_bytes}; 0 for no limit
 * @param transientTimeToLive {@code rabbit_transient_queues_ttl}: after which a queue of replies or
 *     fanout that nobody receives from is deleted; whole seconds, zero for never
 */
public record QueueOptions(
        boolean durable,
        boolean autoDelete,
        boolean quorum,
        boolean transientQuorum,
        boolean mirrored,
        int deliveryLimit,
        int maximumMemoryLength,
        long maximumMemoryBytes,
        Duration transientTimeToLive) {
    /** What oslo.messaging has when nothing is configured. */
    public static final QueueOptions DEFAULTS =
            new QueueOptions(false, false, false, false, false, 0, 0, 0, Duration.ofMinutes(30));

    /** Checks the ranges. */
    public QueueOptions {
        if (quorum && mirrored) {
            throw new ConfigurationException(
                    "[oslo_messaging_rabbit] rabbit_quorum_queue and rabbit_ha_queues are both"
                            + " true: a queue is of one kind; set rabbit_ha_queues = false");
        }
        if (deliveryLimit < 0 || maximumMemoryLength < 0 || maximumMemoryBytes < 0) {
            throw new IllegalArgumentException("limits of quorum queues are 0 or more");
        }
        if (transientTimeToLive.isNegative()
                || transientTimeToLive.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("time to live: " + transientTimeToLive);
        }
    }

    /** Whether queues and exchanges of topics are declared durable: quorum queues always are. */
    public boolean topicsDurable() {
        return durable || quorum;
    }

    /** The same with durable queues or not. */
    public QueueOptions withDurable(boolean value) {
        return new QueueOptions(
                value,
                autoDelete,
                quorum,
                transientQuorum,
                mirrored,
                deliveryLimit,
                maximumMemoryLength,
                maximumMemoryBytes,
                transientTimeToLive);
    }

    /** The same with queues that are deleted with their last receiver or not. */
    public QueueOptions withAutoDelete(boolean value) {
        return new QueueOptions(
                durable,
                value,
                quorum,
                transientQuorum,
                mirrored,
                deliveryLimit,
                maximumMemoryLength,
                maximumMemoryBytes,
                transientTimeToLive);
    }

    /** The same with quorum queues for topics, and for replies and fanout. */
    public QueueOptions withQuorum(boolean topics, boolean transients) {
        return new QueueOptions(
                durable,
                autoDelete,
                topics,
                transients,
                mirrored,
                deliveryLimit,
                maximumMemoryLength,
                maximumMemoryBytes,
                transientTimeToLive);
    }

    /** The same with another time to live of unused queues of replies and fanout. */
    public QueueOptions withTransientTimeToLive(Duration value) {
        return new QueueOptions(
                durable,
                autoDelete,
                quorum,
                transientQuorum,
                mirrored,
                deliveryLimit,
                maximumMemoryLength,
                maximumMemoryBytes,
                value);
    }
}
