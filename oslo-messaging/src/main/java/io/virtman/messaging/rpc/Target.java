package io.virtman.messaging.rpc;

import io.virtman.messaging.transport.Address;
import org.jspecify.annotations.Nullable;

/**
 * Who is to be called, or what a server listens to. Source: {@code oslo_messaging/target.py}; how
 * it becomes an address: {@code _send} in {@code oslo_messaging/_drivers/amqpdriver.py}. Immutable.
 *
 * @param exchange {@code control_exchange} of the service, e.g. {@code openstack}
 * @param topic e.g. {@code cinder-scheduler}
 * @param server one server of the topic; null for whichever is free
 * @param fanout all servers of the topic; for casts alone
 * @param namespace of the endpoint; null for the default one
 * @param version {@code major.minor} of the interface that is asked for
 */
public record Target(
        String exchange,
        String topic,
        @Nullable String server,
        boolean fanout,
        @Nullable String namespace,
        String version) {
    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException for an empty topic or a version that is none
     */
    public Target {
        if (topic.isEmpty() || (server != null && server.isEmpty())) {
            throw new IllegalArgumentException("topic and server must not be empty");
        }
        Versions.check(version);
    }

    /** Any server of a topic, version 1.0 without namespace. */
    public static Target of(String exchange, String topic) {
        return new Target(exchange, topic, null, false, null, "1.0");
    }

    /** The same for one server of the topic; not fanout. */
    public Target withServer(String name) {
        return new Target(exchange, topic, name, false, namespace, version);
    }

    /** The same for all servers of the topic. */
    public Target withFanout() {
        return new Target(exchange, topic, null, true, namespace, version);
    }

    /** The same for endpoints of a namespace. */
    public Target withNamespace(@Nullable String name) {
        return new Target(exchange, topic, server, fanout, name, version);
    }

    /** The same in another version, {@code major.minor}. */
    public Target withVersion(String other) {
        return new Target(exchange, topic, server, fanout, namespace, other);
    }

    Address address() {
        if (fanout) {
            return new Address.Fanout(topic);
        }
        return server == null
                ? new Address.Topic(exchange, topic)
                : new Address.Server(exchange, topic, server);
    }

    /** As it is written to logs: {@code topic.server in exchange}. */
    @Override
    public String toString() {
        return LogText.of(
                topic
                        + (server == null ? "" : "." + server)
                        + (fanout ? " fanout" : "")
                        + " in "
                        + exchange);
    }
}
