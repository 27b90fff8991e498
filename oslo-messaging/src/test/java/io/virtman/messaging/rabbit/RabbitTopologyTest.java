package io.virtman.messaging.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.virtman.messaging.config.QueueNames;
import io.virtman.messaging.config.QueueOptions;
import io.virtman.messaging.rabbit.RabbitTopology.Exchange;
import io.virtman.messaging.rabbit.RabbitTopology.Queue;
import io.virtman.messaging.rabbit.RabbitTopology.Route;
import io.virtman.messaging.rabbit.RabbitTopology.Source;
import io.virtman.messaging.transport.Address;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RabbitTopologyTest {
    private final RabbitTopology defaults = topology(QueueOptions.DEFAULTS);

    private static RabbitTopology topology(QueueOptions options) {
        return new RabbitTopology(options, QueueNames.random());
    }

    /** What Python declared, of which none of ours may differ. */
    @Test
    void declaresWhatOpenStackDeclared() throws IOException {
        JsonNode captured;
        try (InputStream input =
                Objects.requireNonNull(
                        RabbitTopologyTest.class.getResourceAsStream("/captures/topology.json"))) {
            captured = JsonMapper.builder().build().readTree(input);
        }
        int compared = 0;
        for (JsonNode queue : captured.get("queues")) {
            String name = queue.get("name").asText();
            Address address = address(name, exchangeOf(captured, name));
            if (address != null) {
                Source ours = defaults.source(address);
                assertThat(ours.queue())
                        .usingRecursiveComparison()
                        .ignoringFields("name")
                        .isEqualTo(queue(queue));
                assertThat(ours.queue().name().replaceAll("_fanout_[0-9a-f]{32}$", ""))
                        .isEqualTo(name.replaceAll("_fanout_[0-9a-f]{32}$", ""));
                assertThat(exchange(captured, ours.exchange().name())).isEqualTo(ours.exchange());
                assertThat(captured.get("bindings"))
                        .anyMatch(binding ->
                                binding.get("destination_name").asText().equals(name)
                                        && binding.get("source_name")
                                                .asText()
                                                .equals(ours.exchange().name())
                                        && (ours.exchange().type().equals("direct")
                                                || binding.get("routing_key")
                                                        .asText()
                                                        .equals(ours.bindingKey())));
                compared++;
            }
        }
        assertThat(compared).isEqualTo(49);
    }

    private static @org.jspecify.annotations.Nullable Address address(
            String name, String exchange) {
        if (name.startsWith("amq.gen-")) {
            return null; // not of OpenStack
        }
        if (name.startsWith("reply_")) {
            return new Address.Reply(name);
        }
        if (name.contains("_fanout_")) {
            return new Address.Fanout(name.substring(0, name.indexOf("_fanout_")));
        }
        int dot = name.lastIndexOf('.');
        return dot < 0
                ? new Address.Topic(exchange, name)
                : new Address.Server(exchange, name.substring(0, dot), name.substring(dot + 1));
    }

    private static String exchangeOf(JsonNode captured, String queue) {
        for (JsonNode binding : captured.get("bindings")) {
            String source = binding.get("source_name").asText();
            if (!source.isEmpty() && binding.get("destination_name").asText().equals(queue)) {
                return source;
            }
        }
        return "";
    }

    private static Queue queue(JsonNode queue) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        queue.get("arguments")
                .forEach(argument ->
                        arguments.put(argument.get(0).asText(), argument.get(2).intValue()));
        return new Queue(
                queue.get("name").asText(),
                queue.get("durable").asBoolean(),
                queue.get("auto_delete").asBoolean(),
                arguments);
    }

    private static Exchange exchange(JsonNode captured, String name) {
        for (JsonNode exchange : captured.get("exchanges")) {
            if (exchange.get("name").asText().equals(name)) {
                return new Exchange(
                        name,
                        exchange.get("type").asText(),
                        exchange.get("durable").asBoolean(),
                        exchange.get("auto_delete").asBoolean());
            }
        }
        throw new AssertionError("no exchange " + name);
    }

    @Test
    void publishesWhereOpenStackPublishes() {
        assertThat(defaults.route(new Address.Topic("nova", "compute")))
                .isEqualTo(new Route(new Exchange("nova", "topic", false, false), "compute", null));
        assertThat(defaults.route(new Address.Server("nova", "compute", "host")).routingKey())
                .isEqualTo("compute.host");
        assertThat(defaults.route(new Address.Fanout("compute")))
                .isEqualTo(
                        new Route(new Exchange("compute_fanout", "fanout", false, true), "", null));
        Route reply = defaults.route(new Address.Reply("reply_1"));
        assertThat(reply.exchange().predefined()).isTrue();
        assertThat(reply.routingKey()).isEqualTo("reply_1");
        Route notification =
                defaults.route(new Address.Notification("openstack", "notifications", "info"));
        assertThat(notification.queue())
                .isEqualTo(new Queue("notifications.info", false, false, Map.of()));
        assertThatThrownBy(() ->
                        defaults.route(new Address.NotificationPool("e", "topic", "info", "p")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void durableAndAutoDeletedAreTopicsOnly() {
        RabbitTopology topology =
                topology(QueueOptions.DEFAULTS.withDurable(true).withAutoDelete(true));
        Source topic = topology.source(new Address.Topic("nova", "compute"));
        assertThat(topic.exchange()).isEqualTo(new Exchange("nova", "topic", true, true));
        assertThat(topic.queue()).isEqualTo(new Queue("compute", true, true, Map.of()));
        assertThat(topology.source(new Address.Fanout("compute")).queue().durable()).isFalse();
        assertThat(topology.source(new Address.Reply("reply_1")).queue().durable()).isFalse();
    }

    @Test
    void quorumQueuesAreDurableAndHaveTheirLimits() {
        QueueOptions options =
                new QueueOptions(false, false, true, true, false, 3, 4, 5, Duration.ofSeconds(60));
        RabbitTopology topology = topology(options);
        Map<String, Object> limits =
                Map.of(
                        "x-queue-type",
                        "quorum",
                        "x-delivery-limit",
                        3,
                        "x-max-in-memory-length",
                        4,
                        "x-max-in-memory-bytes",
                        5L);
        Source topic = topology.source(new Address.Topic("nova", "compute"));
        assertThat(topic.queue()).isEqualTo(new Queue("compute", true, false, limits));
        Map<String, Object> expiring = new LinkedHashMap<>(limits);
        expiring.put("x-expires", 60_000);
        Source reply = topology.source(new Address.Reply("reply_1"));
        assertThat(reply.queue()).isEqualTo(new Queue("reply_1", true, false, expiring));
        assertThat(topology.source(new Address.Fanout("compute")).exchange())
                .isEqualTo(new Exchange("compute_fanout", "fanout", true, true));
    }

    @Test
    void queuesNeedNotExpire() {
        RabbitTopology topology =
                topology(QueueOptions.DEFAULTS.withTransientTimeToLive(Duration.ZERO));
        assertThat(topology.source(new Address.Reply("reply_1")).queue().arguments()).isEmpty();
    }

    @Test
    void aPoolIsAQueueOfItsOwnName() {
        Source pool =
                defaults.source(
                        new Address.NotificationPool("openstack", "notifications", "info", "pool"));
        assertThat(pool.queue().name()).isEqualTo("pool");
        assertThat(pool.bindingKey()).isEqualTo("notifications.info");
    }
}
