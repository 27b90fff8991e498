package io.virtman.messaging.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.messaging.config.QueueOptions;
import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.TransportUrl;
import io.virtman.messaging.testing.LossyProxy;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.transport.Transport;
import io.virtman.messaging.transport.Transport.Routing;
import io.virtman.testkit.Await;
import io.virtman.testkit.RabbitBroker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What only goes wrong at a real broker; one broker for all of these. */
class RabbitRecoveryTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final RabbitBroker BROKER = RabbitBroker.shared();

    private final String topic = "topic-" + UUID.randomUUID();
    private final Address.Topic address = new Address.Topic("recovery", topic);
    private final Set<String> received = ConcurrentHashMap.newKeySet();
    private final AtomicInteger deliveries = new AtomicInteger();
    private final List<RabbitTransport> opened = new ArrayList<>();

    private RabbitTransport open(String url, RabbitOptions options, RabbitSettings settings) {
        RabbitTransport transport =
                RabbitTransport.open(TransportUrl.parse(url), options, settings);
        opened.add(transport);
        return transport;
    }

    private RabbitTransport open() {
        return open(BROKER.uri(), RabbitOptions.DEFAULTS, RabbitSettings.of("recovery"));
    }

    @AfterEach
    void close() {
        opened.forEach(RabbitTransport::close);
    }

    private static Message message(String text) {
        return Message.json(text.getBytes(StandardCharsets.UTF_8), null);
    }

    private CompletableFuture<Void> send(Transport transport, Address to, String text) {
        return transport.send(to, message(text), Routing.MANDATORY, LIMIT);
    }

    private static void join(CompletableFuture<Void> sent) throws Exception {
        sent.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private Transport.Subscription subscribe(Transport transport, Address from) {
        return transport.subscribe(
                List.of(from),
                10,
                delivery -> {
                    received.add(new String(delivery.message().body(), StandardCharsets.UTF_8));
                    deliveries.incrementAndGet();
                    delivery.acknowledge();
                },
                LIMIT);
    }

    @Test
    void declaresADeletedQueueAgainWithinASecond() throws Exception {
        RabbitTransport transport = open();
        Transport.Subscription subscription = subscribe(transport, address);
        join(send(transport, address, "first"));
        Await.until(() -> received.contains("first"));
        BROKER.deleteQueue(topic);
        long deleted = System.nanoTime();
        Await.until(() ->
                !send(transport, address, "second").handle((_, failure) -> failure != null).join());
        assertThat(System.nanoTime() - deleted).isLessThan(1_000_000_000L);
        Await.until(() -> received.contains("second"));
        assertThat(transport.statistics().cancelled()).isEqualTo(1);
        assertThat(transport.statistics().losses()).isZero();
        subscription.close();
    }

    @Test
    void declaresADeletedExchangeAgainAndPublishes() throws Exception {
        RabbitTransport transport = open();
        Address.Fanout fanout = new Address.Fanout(topic);
        // the exchange goes with the last queue bound to it
        subscribe(transport, fanout).close();
        join(transport.send(fanout, message("nobody"), Routing.OPTIONAL, LIMIT));
        subscribe(transport, fanout).close();
        join(transport.send(fanout, message("nobody"), Routing.OPTIONAL, LIMIT));
        assertThat(transport.statistics().losses()).isZero();
        assertThat(transport.statistics().channelErrors()).isPositive();
        subscribe(transport, fanout);
        join(send(transport, fanout, "somebody"));
        Await.until(() -> received.contains("somebody"));
    }

    @Test
    void keepsReplyAndFanoutQueuesThroughALostConnection() throws Exception {
        try (LossyProxy proxy = LossyProxy.to(BROKER.port())) {
            RabbitTransport transport =
                    open(
                            proxy.rewrite(BROKER.uri()),
                            RabbitOptions.DEFAULTS,
                            RabbitSettings.of("recovery"));
            RabbitTransport other = open();
            Address.Reply reply = new Address.Reply("reply_" + topic);
            Address.Fanout fanout = new Address.Fanout(topic);
            transport.subscribe(
                    List.of(reply, fanout),
                    10,
                    delivery -> {
                        received.add(new String(delivery.message().body(), StandardCharsets.UTF_8));
                        delivery.acknowledge();
                    },
                    LIMIT);
            proxy.refuse();
            Await.until(() -> transport.statistics().losses() == 1);
            join(send(other, reply, "reply"));
            join(send(other, fanout, "fanout"));
            proxy.accept();
            Await.until(() -> received.containsAll(List.of("reply", "fanout")));
        }
    }

    @Test
    void publishesAgainWhatWasNotConfirmedWhenTheConnectionBreaks() throws Exception {
        try (LossyProxy proxy = LossyProxy.to(BROKER.port())) {
            RabbitTransport receiver = open();
            subscribe(receiver, address);
            RabbitTransport transport =
                    open(
                            proxy.rewrite(BROKER.uri()),
                            RabbitOptions.DEFAULTS,
                            RabbitSettings.of("recovery"));
            Set<String> texts = new HashSet<>();
            List<CompletableFuture<Void>> sent = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                if (i % 100 == 50) {
                    // what follows is written, and lost
                    join(sent.getLast());
                    proxy.stall();
                }
                texts.add("text " + i);
                sent.add(send(transport, address, "text " + i));
                if (i % 100 == 90) {
                    proxy.cut();
                    proxy.accept();
                }
            }
            for (CompletableFuture<Void> each : sent) {
                join(each);
            }
            Await.until(() -> received.equals(texts));
            assertThat(transport.statistics().losses()).isEqualTo(3);
            assertThat(transport.statistics().republished()).isGreaterThanOrEqualTo(120);
            assertThat(transport.statistics().inFlight()).isZero();
        }
    }

    @Test
    void diagnosesAMismatchAndGoesOnWithWhatIsThere() throws Exception {
        RabbitTransport plain = open();
        subscribe(plain, address).close();
        RabbitTransport durable =
                open(
                        BROKER.uri(),
                        RabbitOptions.DEFAULTS.withQueues(QueueOptions.DEFAULTS.withDurable(true)),
                        RabbitSettings.of("mismatch"));
        subscribe(durable, address);
        join(send(durable, address, "text"));
        Await.until(() -> received.contains("text"));
        // the exchange and the queue
        assertThat(durable.statistics().mismatches()).isEqualTo(2);
    }

    @Test
    void aWrongPasswordIsSaidToWhoWaits() {
        String url = BROKER.uri().replace(BROKER.password(), "wrong-secret");
        RabbitTransport transport =
                open(url, RabbitOptions.DEFAULTS, RabbitSettings.of("password"));
        Duration shortly = Duration.ofMillis(1500);
        assertThatThrownBy(() ->
                        transport
                                .send(address, message("text"), Routing.OPTIONAL, shortly)
                                .get(20, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(MessagingException.Timeout.class)
                .hasMessageContaining("the login is refused")
                .hasMessageNotContaining("wrong-secret");
        assertThatThrownBy(() -> transport.subscribe(List.of(address), 1, _ -> {}, shortly))
                .isInstanceOf(MessagingException.Timeout.class)
                .hasMessageContaining("the login is refused");
        assertThat(transport.statistics().inFlight()).isZero();
        assertThat(transport.statistics().subscriptions()).isZero();
    }

    @Test
    void aMissingVirtualHostIsSaid() {
        RabbitTransport transport =
                open(BROKER.uri("nowhere"), RabbitOptions.DEFAULTS, RabbitSettings.of("vhost"));
        assertThatThrownBy(() ->
                        transport
                                .send(
                                        address,
                                        message("text"),
                                        Routing.OPTIONAL,
                                        Duration.ofSeconds(1))
                                .get(20, TimeUnit.SECONDS))
                .hasMessageContaining("vhost nowhere not found");
    }

    @Test
    void takesAnotherHostWhenOneIsDown() throws Exception {
        try (LossyProxy proxy = LossyProxy.to(BROKER.port())) {
            String url =
                    BROKER.uri()
                            .replace(
                                    "@127.0.0.1:" + BROKER.port(),
                                    "@127.0.0.1:" + proxy.port() + ",127.0.0.1:" + BROKER.port());
            RabbitTransport transport =
                    open(url, RabbitOptions.DEFAULTS, RabbitSettings.of("hosts"));
            subscribe(transport, address);
            join(send(transport, address, "first"));
            proxy.refuse();
            join(send(transport, address, "second"));
            Await.until(() -> received.containsAll(List.of("first", "second")));
        }
    }

    @Test
    void aSilentConnectionIsLost() throws Exception {
        try (LossyProxy proxy = LossyProxy.to(BROKER.port())) {
            RabbitTransport transport =
                    open(
                            proxy.rewrite(BROKER.uri()),
                            RabbitOptions.DEFAULTS.withHeartbeat(Duration.ofSeconds(1)),
                            RabbitSettings.of("silent"));
            subscribe(transport, address);
            join(send(transport, address, "first"));
            proxy.stall();
            CompletableFuture<Void> sent = send(transport, address, "second");
            Await.until(() -> transport.statistics().losses() >= 2);
            proxy.accept();
            join(sent);
            Await.until(() -> received.containsAll(List.of("first", "second")));
        }
    }

    @Test
    void boundsWhatWaitsAndGivesUpInTime() throws Exception {
        RabbitTransport transport =
                open(
                        "rabbit://127.0.0.1:1/",
                        RabbitOptions.DEFAULTS,
                        RabbitSettings.of("bounds").withInFlight(2));
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        long begin = System.nanoTime();
        for (int i = 0; i < 3; i++) {
            sent.add(
                    transport.send(
                            address, message("text"), Routing.OPTIONAL, Duration.ofMillis(300)));
        }
        // the third waited for room
        assertThat(System.nanoTime() - begin).isGreaterThan(200_000_000L);
        for (CompletableFuture<Void> each : sent) {
            assertThatThrownBy(() -> each.get(5, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(MessagingException.Timeout.class);
        }
        assertThat(transport.statistics().inFlight()).isZero();
        CompletableFuture<Void> last = send(transport, address, "text");
        transport.close();
        assertThatThrownBy(() -> last.get(5, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(MessagingException.Closed.class);
    }

    @Test
    void leavesNoThreadConnectionOrFanoutQueue() throws Exception {
        RabbitTransport transport =
                open(BROKER.uri(), RabbitOptions.DEFAULTS, RabbitSettings.of("leaves-nothing"));
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        subscribe(transport, new Address.Fanout(topic));
        join(send(transport, new Address.Fanout(topic), "text"));
        assertThat(BROKER.connections()).anyMatch(name -> name.startsWith("leaves-nothing:"));
        transport.close();
        Await.until(() ->
                Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> !before.contains(thread))
                        .noneMatch(thread -> thread.getName().startsWith("rabbit")));
        assertThat(BROKER.connections()).noneMatch(name -> name.startsWith("leaves-nothing:"));
        assertThat(BROKER.queues().keySet()).noneMatch(name -> name.startsWith(topic));
    }
}
