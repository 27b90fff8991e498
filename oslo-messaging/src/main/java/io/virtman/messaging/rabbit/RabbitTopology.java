package io.virtman.messaging.rabbit;

import io.virtman.messaging.config.QueueNames;
import io.virtman.messaging.config.QueueOptions;
import io.virtman.messaging.transport.Address;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which exchanges, queues and bindings an {@link Address} stands for. Pure.
 *
 * <p>Source of every rule: {@code impl_rabbit.py} of oslo.messaging, {@code declare_*_consumer},
 * {@code *_send} and {@code _get_queue_arguments}.
 */
public final class RabbitTopology {
    private static final Exchange DEFAULT = new Exchange("", "direct", true, false);

    private final QueueOptions options;
    private final QueueNames names;

    /** For queues of those options; the names are for fanout queues. */
    public RabbitTopology(QueueOptions options, QueueNames names) {
        this.options = options;
        this.names = names;
    }

    /** An exchange as declared. The one without a name is always there. */
    public record Exchange(String name, String type, boolean durable, boolean autoDelete) {
        boolean predefined() {
            return name.isEmpty();
        }
    }

    /** A queue as declared; never exclusive, for a client that connects again must find it. */
    public record Queue(
            String name, boolean durable, boolean autoDelete, Map<String, Object> arguments) {}

    /**
     * Where to publish to.
     *
     * @param queue what is declared and bound before; null for nothing
     */
    public record Route(Exchange exchange, String routingKey, @Nullable Queue queue) {
        /** What tells whether it has been declared; empty when there is nothing to declare. */
        String declaration() {
            return queue == null ? exchange.name() : exchange.name() + " " + queue.name();
        }
    }

    /**
     * What to receive from.
     *
     * @param bindingKey with which the queue is bound to the exchange, unless that is predefined
     * @param temporary whether to delete the queue in the end, for nobody else receives from it
     */
    public record Source(
            Address address,
            Exchange exchange,
            Queue queue,
            String bindingKey,
            boolean temporary) {}

    /**
     * Where a message to that address is published.
     *
     * @throws IllegalArgumentException for a pool, which one only receives from
     */
    public Route route(Address address) {
        return switch (address) {
            case Address.Topic to -> new Route(topic(to.exchange()), to.topic(), null);
            case Address.Server to ->
                    new Route(topic(to.exchange()), to.topic() + "." + to.server(), null);
            case Address.Fanout to -> new Route(fanout(to.topic()), "", null);
            case Address.Reply to -> new Route(DEFAULT, to.queue(), null);
            case Address.Notification to -> {
                // declared by the publisher, so that nothing is lost before anybody listens
                String key = to.topic() + "." + to.priority();
                yield new Route(topic(to.exchange()), key, lasting(key));
            }
            case Address.NotificationPool to ->
                    throw new IllegalArgumentException("nothing is sent to a pool: " + to);
        };
    }

    /** What is received from for that address. Another queue for each call if it is a fanout. */
    public Source source(Address address) {
        return switch (address) {
            case Address.Topic from -> lasting(from, from.exchange(), from.topic());
            case Address.Server from ->
                    lasting(from, from.exchange(), from.topic() + "." + from.server());
            case Address.Fanout from ->
                    new Source(
                            from,
                            fanout(from.topic()),
                            passing(from.topic() + "_fanout_" + names.next()),
                            from.topic(),
                            true);
            case Address.Reply from ->
                    // not deleted in the end: late replies would be returned to servers, which
                    // then try for a minute
                    new Source(from, DEFAULT, passing(from.queue()), from.queue(), false);
            case Address.Notification from ->
                    lasting(from, from.exchange(), from.topic() + "." + from.priority());
            case Address.NotificationPool from ->
                    new Source(
                            from,
                            topic(from.exchange()),
                            lasting(from.pool()),
                            from.topic() + "." + from.priority(),
                            false);
        };
    }

    private Source lasting(Address address, String exchange, String name) {
        return new Source(address, topic(exchange), lasting(name), name, false);
    }

    private Exchange topic(String name) {
        return new Exchange(name, "topic", options.topicsDurable(), options.autoDelete());
    }

    private Exchange fanout(String topic) {
        return new Exchange(topic + "_fanout", "fanout", options.transientQuorum(), true);
    }

    /** A queue of a topic or of notifications. */
    private Queue lasting(String name) {
        Map<String, Object> arguments = arguments(options.quorum());
        return new Queue(name, options.topicsDurable(), options.autoDelete(), arguments);
    }

    /** A queue of replies or of fanout, which the broker deletes when it is not used any more. */
    private Queue passing(String name) {
        Map<String, Object> arguments = arguments(options.transientQuorum());
        if (options.transientTimeToLive().isPositive()) {
            arguments.put("x-expires", (int) options.transientTimeToLive().toMillis());
        }
        return new Queue(name, options.transientQuorum(), false, arguments);
    }

    private Map<String, Object> arguments(boolean quorum) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        if (options.mirrored()) {
            arguments.put("x-ha-policy", "all");
        }
        if (quorum) {
            arguments.put("x-queue-type", "quorum");
            if (options.deliveryLimit() > 0) {
                arguments.put("x-delivery-limit", options.deliveryLimit());
            }
            if (options.maximumMemoryLength() > 0) {
                arguments.put("x-max-in-memory-length", options.maximumMemoryLength());
            }
            if (options.maximumMemoryBytes() > 0) {
                arguments.put("x-max-in-memory-bytes", options.maximumMemoryBytes());
            }
        }
        return arguments;
    }
}
