package io.virtman.messaging.transport;

/**
 * Where a message goes to, or is received from, in the terms of oslo.messaging. A transport maps it
 * to what its broker has, as {@code oslo_messaging/_drivers/amqpdriver.py} and {@code
 * impl_rabbit.py} do for AMQP.
 */
public sealed interface Address {
    /**
     * One of the servers of a topic, in turn.
     *
     * @param exchange {@code control_exchange} of the service, e.g. {@code openstack}
     * @param topic e.g. {@code cinder-scheduler}
     */
    record Topic(String exchange, String topic) implements Address {}

    /** The one server of that name: AMQP queue and routing key {@code topic.server}. */
    record Server(String exchange, String topic, String server) implements Address {}

    /** Every server of the topic: AMQP exchange {@code topic_fanout}. */
    record Fanout(String topic) implements Address {}

    /** The queue a caller waits at for its replies: AMQP default exchange. */
    record Reply(String queue) implements Address {}

    /**
     * Notifications of one topic and priority: AMQP routing key {@code topic.priority}.
     *
     * @param priority in lower case: {@code audit, debug, info, warn, error, critical, sample}
     */
    record Notification(String exchange, String topic, String priority) implements Address {}

    /**
     * To receive from only: a copy of what {@link Notification} has, shared by all listeners of the
     * pool. AMQP queue named like the pool, bound to {@code topic.priority}.
     */
    record NotificationPool(String exchange, String topic, String priority, String pool)
            implements Address {}
}
