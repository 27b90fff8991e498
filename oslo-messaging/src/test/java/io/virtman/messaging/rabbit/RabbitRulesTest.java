package io.virtman.messaging.rabbit;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.messaging.config.ReconnectOptions;
import io.virtman.messaging.config.ReconnectOptions.FailoverStrategy;
import io.virtman.messaging.config.TransportUrl;
import io.virtman.messaging.transport.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is decided without a broker. */
class RabbitRulesTest {
    private static final List<TransportUrl.Host> HOSTS =
            TransportUrl.parse("rabbit://u:p@a,b,c,d/").hosts();

    private static List<String> order(FailoverStrategy strategy, int length) {
        Hosts hosts = new Hosts(HOSTS, strategy, new SplittableRandom(7));
        return IntStream.range(0, length).mapToObj(_ -> hosts.next().name()).toList();
    }

    @Test
    void triesAllHostsInTheSameOrderOrInAnother() {
        List<String> order = order(FailoverStrategy.ROUND_ROBIN, 12);
        assertThat(order.subList(0, 4)).containsExactlyInAnyOrder("a", "b", "c", "d");
        assertThat(order.subList(4, 8)).isEqualTo(order.subList(0, 4));
        List<String> shuffled = order(FailoverStrategy.SHUFFLE, 12);
        assertThat(shuffled.subList(4, 8)).containsExactlyInAnyOrder("a", "b", "c", "d");
        assertThat(List.of(shuffled.subList(0, 4), shuffled.subList(4, 8), shuffled.subList(8, 12)))
                .doesNotContainSequence(shuffled.subList(0, 4), shuffled.subList(0, 4));
    }

    @Test
    void pausesOnlyAfterAllHosts() {
        Hosts hosts = new Hosts(HOSTS, FailoverStrategy.ROUND_ROBIN, new SplittableRandom(7));
        List<Boolean> complete = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            hosts.next();
            complete.add(hosts.roundComplete());
        }
        assertThat(complete).containsExactly(false, false, false, true, false, false, false, true);
    }

    @Test
    void pausesGrowFromTheIntervalToTheMaximum() {
        BackOff backOff = new BackOff(ReconnectOptions.DEFAULTS, new SplittableRandom(7));
        for (int i = 0; i < 100; i++) {
            assertThat(backOff.spread()).isBetween(Duration.ZERO, Duration.ofMillis(500));
            assertThat(backOff.pause(1)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(1));
            assertThat(backOff.pause(3)).isBetween(Duration.ofMillis(2500), Duration.ofSeconds(5));
            assertThat(backOff.pause(Integer.MAX_VALUE))
                    .isBetween(Duration.ofSeconds(15), Duration.ofSeconds(30));
        }
    }

    @Test
    void saysWhichOptionMakesAMismatch() {
        assertThat(
                        Mismatches.explain(
                                "queue 'q'",
                                "PRECONDITION_FAILED - inequivalent arg 'x-expires' for queue 'q'"
                                        + " in vhost '/': received none but current is the value"
                                        + " '1800000' of type 'signedint'"))
                .isEqualTo(
                        "queue 'q' exists with x-expires = the value '1800000' of type 'signedint'"
                                + " where we declare none; it is used as it is. Let all programs"
                                + " agree: [oslo_messaging_rabbit] rabbit_transient_queues_ttl,"
                                + " then delete it once");
        assertThat(Mismatches.explain("queue 'q'", "PRECONDITION_FAILED - something else"))
                .contains("queue 'q'", "something else");
    }

    @Test
    void propertiesAreThoseOfKombu() {
        var plain = AmqpProperties.of(Message.json(new byte[1], Duration.ofSeconds(60)));
        assertThat(plain.getContentType()).isEqualTo("application/json");
        assertThat(plain.getContentEncoding()).isEqualTo("utf-8");
        assertThat(plain.getDeliveryMode()).isEqualTo(2);
        assertThat(plain.getPriority()).isZero();
        assertThat(plain.getHeaders()).isEmpty();
        assertThat(plain.getExpiration()).isEqualTo("60000");
        assertThat(plain.getMessageId()).isNull();
        assertThat(plain.getCorrelationId()).isNull();
        var compressed =
                AmqpProperties.of(
                        new Message(
                                new byte[1],
                                "application/json",
                                "utf-8",
                                "application/x-gzip",
                                null));
        assertThat(compressed.getHeaders()).isEqualTo(Map.of("compression", "application/x-gzip"));
        assertThat(compressed.getExpiration()).isNull();
    }

    @Test
    void toleratesPropertiesOfAnyone() {
        var properties =
                new com.rabbitmq.client.AMQP.BasicProperties.Builder()
                        .expiration("-1e99")
                        .headers(Map.of("compression", List.of(1, 2)))
                        .build();
        Message message = AmqpProperties.message(properties, new byte[0]);
        assertThat(message.expiration()).isNull();
        assertThat(message.compression()).isEqualTo("[1, 2]");
        assertThat(message.contentType()).isNull();
    }

    @Test
    void knowsWhichMessagesAreNotToBePublishedAgain() {
        RabbitTopology.Route route =
                new RabbitTopology.Route(
                        new RabbitTopology.Exchange("nova", "topic", false, false), "key", null);
        Pending pending = new Pending(route, Message.json(new byte[17], null), false, 0, 0, 1);
        assertThat(rule(404, "NOT_FOUND - no exchange 'nova' in vhost '/'").fails(pending))
                .isFalse();
        assertThat(rule(403, "access to exchange 'nova' in vhost '/' refused").fails(pending))
                .isTrue();
        assertThat(rule(403, "access to exchange 'other' in vhost '/' refused").fails(pending))
                .isFalse();
        assertThat(rule(406, "message size 17 is larger than configured max").fails(pending))
                .isTrue();
        assertThat(rule(406, "message size 18 is larger than configured max").fails(pending))
                .isFalse();
        pending.attempts = 1;
        for (int i = 1; i < 5; i++) {
            assertThat(rule(541, "anything").fails(pending)).isFalse();
        }
        assertThat(rule(541, "anything").fails(pending)).isTrue();
    }

    private static ChannelErrors rule(int code, String text) {
        return ChannelErrors.of(new BrokerErrors.ChannelError(code, text));
    }

    @Test
    void roomIsBoundedByMessagesAndBytes() throws InterruptedException {
        Room room = new Room(3, 10 << 10);
        long now = System.nanoTime();
        assertThat(room.cost(100 << 20)).isEqualTo(10);
        assertThat(room.enter(10, now)).isTrue();
        assertThat(room.enter(1, now)).isFalse();
        room.leave(10);
        for (int i = 0; i < 3; i++) {
            assertThat(room.enter(1, now)).isTrue();
        }
        assertThat(room.enter(1, now)).isFalse();
        assertThat(room.used()).isEqualTo(3);
    }
}
