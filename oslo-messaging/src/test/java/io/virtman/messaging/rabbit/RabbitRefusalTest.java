package io.virtman.messaging.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.messaging.config.QueueOptions;
import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.TransportUrl;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Delivery;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.transport.Transport.Routing;
import io.virtman.testkit.Await;
import io.virtman.testkit.RabbitBroker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a broker refuses, or takes later. */
@SuppressWarnings("NullAway.Init") // before all tests
class RabbitRefusalTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static RabbitBroker broker;

    private final List<Delivery> received = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void start() {
        broker = RabbitBroker.start("max_message_size = 200000");
        broker.control("add_user", "restricted", "secret");
        broker.control(
                "set_permissions", "-p", broker.virtualHost(), "restricted", "^open", "^open", "");
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static RabbitTransport open(String url, RabbitOptions options) {
        return RabbitTransport.open(TransportUrl.parse(url), options, RabbitSettings.of("refusal"));
    }

    private static CompletableFuture<Void> send(RabbitTransport transport, Address to, int length) {
        return transport.send(to, Message.json(new byte[length], null), Routing.OPTIONAL, LIMIT);
    }

    private static void join(CompletableFuture<Void> sent) throws Exception {
        sent.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void aMessageTooLongForTheBrokerFailsAndItsNeighboursDoNot() throws Exception {
        Address.Topic address = new Address.Topic("open", "long");
        try (RabbitTransport transport = open(broker.uri(), RabbitOptions.DEFAULTS)) {
            join(send(transport, address, 1));
            CompletableFuture<Void> before = send(transport, address, 2);
            CompletableFuture<Void> huge = send(transport, address, 300_000);
            CompletableFuture<Void> after = send(transport, address, 3);
            assertThatThrownBy(() -> join(huge))
                    .hasMessageContaining("message size 300000 is larger");
            join(before);
            join(after);
            assertThat(transport.statistics().losses()).isZero();
        }
    }

    @Test
    void whatTheUserMayNotDoFailsAtOnceAndTheRestGoesOn() throws Exception {
        String url = broker.uri().replace("tester:" + broker.password(), "restricted:secret");
        try (RabbitTransport transport = open(url, RabbitOptions.DEFAULTS)) {
            Address.Topic allowed = new Address.Topic("open", "topic");
            join(send(transport, allowed, 1));
            // may not declare the exchange
            assertThatThrownBy(() -> join(send(transport, new Address.Topic("other", "topic"), 1)))
                    .hasMessageContaining("exchange 'other': RabbitMQ refuses: ACCESS_REFUSED");
            // may not write to the default exchange
            assertThatThrownBy(() -> join(send(transport, new Address.Reply("reply_1"), 1)))
                    .hasMessageContaining("ACCESS_REFUSED");
            join(send(transport, allowed, 1));
            // may not read
            assertThatThrownBy(() ->
                            transport.subscribe(
                                    List.of(new Address.Topic("open", "open")),
                                    1,
                                    _ -> {},
                                    Duration.ofSeconds(10)))
                    .isInstanceOf(MessagingException.class)
                    .hasMessageContaining("ACCESS_REFUSED");
            assertThat(transport.statistics().subscriptions()).isZero();
        }
    }

    @Test
    void quorumQueuesHaveTheSameBounds() throws Exception {
        RabbitOptions options =
                RabbitOptions.DEFAULTS.withQueues(QueueOptions.DEFAULTS.withQuorum(true, true));
        Address.Topic topic = new Address.Topic("open-quorum", "quorum");
        Address.Reply reply = new Address.Reply("reply_quorum");
        try (RabbitTransport transport = open(broker.uri(), options)) {
            transport.subscribe(List.of(topic, reply), 2, received::add, LIMIT);
            for (int i = 1; i <= 4; i++) {
                join(send(transport, i % 2 == 0 ? topic : reply, i));
            }
            Await.until(() -> received.size() == 2);
            assertThat(transport.statistics().unsettled()).isEqualTo(2);
            received.get(0).acknowledge();
            received.get(1).reject(true);
            Await.until(() -> received.size() == 4);
            assertThat(transport.statistics().mismatches()).isZero();
        }
    }

    @Test
    void messagesWaitWhileTheBrokerIsShortOfMemory() throws Exception {
        Address.Topic address = new Address.Topic("open", "alarm");
        try (RabbitTransport transport = open(broker.uri(), RabbitOptions.DEFAULTS)) {
            transport.subscribe(
                    List.of(address),
                    10,
                    delivery -> {
                        received.add(delivery);
                        delivery.acknowledge();
                    },
                    LIMIT);
            join(send(transport, address, 1));
            broker.control("set_vm_memory_high_watermark", "absolute", "1MB");
            CompletableFuture<Void> sent = send(transport, address, 2);
            Await.until(() -> transport.statistics().blocked() == 1);
            assertThatThrownBy(() ->
                            transport
                                    .send(
                                            address,
                                            Message.json(new byte[3], null),
                                            Routing.OPTIONAL,
                                            Duration.ofMillis(200))
                                    .get(10, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(MessagingException.Timeout.class)
                    .hasMessageContaining("has blocked publishing: low on memory");
            assertThat(sent).isNotDone();
            broker.control("set_vm_memory_high_watermark", "absolute", "1GB");
            join(sent);
            Await.until(() -> received.size() == 2);
            assertThat(transport.statistics().losses()).isZero();
        }
    }
}
