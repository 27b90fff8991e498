package io.virtman.messaging.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Delivery;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.transport.Transport;
import io.virtman.messaging.transport.Transport.Routing;
import io.virtman.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every {@link Transport} does. */
public abstract class TransportContract {
    /** How long anything may take. */
    protected static final Duration LIMIT = Duration.ofSeconds(20);

    /** No other test has it. */
    protected final String topic = "topic-" + UUID.randomUUID();

    private final List<Transport> opened = new ArrayList<>();

    /** A new transport to the broker that all of a test's transports share. */
    protected abstract Transport open();

    /** The same, closed after the test. */
    protected final Transport transport() {
        Transport transport = open();
        opened.add(transport);
        return transport;
    }

    @AfterEach
    final void closeTransports() {
        opened.forEach(Transport::close);
    }

    /** One that says so. */
    protected static Message message(String text) {
        return Message.json(text.getBytes(StandardCharsets.UTF_8), null);
    }

    /** What it says. */
    protected static String text(Delivery delivery) {
        return new String(delivery.message().body(), StandardCharsets.UTF_8);
    }

    /** Waits for the outcome. */
    protected static void join(CompletableFuture<Void> sent) {
        try {
            sent.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof MessagingException failure) {
                throw failure;
            }
            throw new AssertionError(e);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** Sends and waits. */
    protected static void send(Transport transport, Address to, String text) {
        join(transport.send(to, message(text), Routing.MANDATORY, LIMIT));
    }

    /** What a handler got, and acknowledged unless it was told not to. */
    protected static final class Inbox implements Transport.DeliveryHandler {
        private final boolean acknowledge;

        /** In the order they came. */
        public final List<Delivery> deliveries = new CopyOnWriteArrayList<>();

        public Inbox(boolean acknowledge) {
            this.acknowledge = acknowledge;
        }

        @Override
        public void handle(Delivery delivery) {
            deliveries.add(delivery);
            if (acknowledge) {
                delivery.acknowledge();
            }
        }

        public List<String> texts() {
            return deliveries.stream().map(TransportContract::text).toList();
        }

        public void await(int number) {
            Await.until(() -> deliveries.size() >= number);
        }
    }

    /** Receives from one address. */
    protected static Transport.Subscription subscribe(
            Transport transport, Address from, int unsettled, Transport.DeliveryHandler handler) {
        return transport.subscribe(List.of(from), unsettled, handler, LIMIT);
    }

    private Address.Topic topicAddress() {
        return new Address.Topic("exchange", topic);
    }

    @Test
    void deliversInOrderWhatWasSentInOrder() {
        Transport transport = transport();
        Inbox inbox = new Inbox(true);
        subscribe(transport, topicAddress(), 10, inbox);
        List<String> texts = IntStream.range(0, 300).mapToObj(Integer::toString).toList();
        List<CompletableFuture<Void>> sent =
                texts.stream()
                        .map(text ->
                                transport.send(
                                        topicAddress(), message(text), Routing.OPTIONAL, LIMIT))
                        .toList();
        sent.forEach(TransportContract::join);
        inbox.await(300);
        assertThat(inbox.texts()).isEqualTo(texts);
    }

    @Test
    void keepsWhatAMessageIs() {
        Transport transport = transport();
        Inbox inbox = new Inbox(true);
        Address.Server server = new Address.Server("exchange", topic, "server");
        subscribe(transport, server, 10, inbox);
        byte[] body = {0, 1, (byte) 0xff};
        Message message =
                new Message(
                        body,
                        "application/json",
                        "utf-8",
                        "application/x-gzip",
                        Duration.ofSeconds(60));
        join(transport.send(server, message, Routing.MANDATORY, LIMIT));
        inbox.await(1);
        Delivery delivery = inbox.deliveries.getFirst();
        assertThat(delivery.message()).usingRecursiveComparison().isEqualTo(message);
        assertThat(delivery.source()).isEqualTo(server);
        assertThat(delivery.redelivered()).isFalse();
    }

    @Test
    void oneOfSeveralGetsATopicMessage() {
        Transport one = transport();
        Transport other = transport();
        Inbox first = new Inbox(true);
        Inbox second = new Inbox(true);
        subscribe(one, topicAddress(), 1, first);
        subscribe(other, topicAddress(), 1, second);
        for (int i = 0; i < 20; i++) {
            send(one, topicAddress(), "text");
        }
        Await.until(() -> first.deliveries.size() + second.deliveries.size() >= 20);
        assertThat(first.deliveries).isNotEmpty();
        assertThat(second.deliveries).isNotEmpty();
        assertThat(first.deliveries.size() + second.deliveries.size()).isEqualTo(20);
    }

    @Test
    void allGetAFanoutMessage() {
        Transport one = transport();
        Transport other = transport();
        Inbox first = new Inbox(true);
        Inbox second = new Inbox(true);
        Address.Fanout fanout = new Address.Fanout(topic);
        subscribe(one, fanout, 10, first);
        subscribe(other, fanout, 10, second);
        send(other, fanout, "text");
        first.await(1);
        second.await(1);
        assertThat(first.texts()).containsExactly("text");
        assertThat(second.texts()).containsExactly("text");
    }

    @Test
    void aSubscriptionReceivesFromSeveralSourcesAndSaysWhich() {
        Transport transport = transport();
        Inbox inbox = new Inbox(true);
        List<Address> sources =
                List.of(
                        topicAddress(),
                        new Address.Server("exchange", topic, "server"),
                        new Address.Fanout(topic));
        transport.subscribe(sources, 10, inbox, LIMIT);
        for (Address source : sources) {
            send(transport, source, "text");
        }
        inbox.await(3);
        assertThat(inbox.deliveries)
                .extracting(Delivery::source)
                .containsExactlyInAnyOrderElementsOf(sources);
    }

    @Test
    void mandatoryMessagesToNobodyAreUndeliverable() {
        Transport transport = transport();
        Address.Reply nobody = new Address.Reply("reply_" + topic);
        assertThatThrownBy(() -> send(transport, nobody, "text"))
                .isInstanceOf(MessagingException.Undeliverable.class);
        // what nobody must get is lost in silence
        join(transport.send(nobody, message("text"), Routing.OPTIONAL, LIMIT));
        join(transport.send(topicAddress(), message("text"), Routing.OPTIONAL, LIMIT));
    }

    @Test
    void tellsWhichOfManyMandatoryMessagesWereUndeliverable() {
        Transport transport = transport();
        Inbox inbox = new Inbox(true);
        Address.Reply somebody = new Address.Reply("reply_1" + topic);
        Address.Reply nobody = new Address.Reply("reply_2" + topic);
        subscribe(transport, somebody, 10, inbox);
        List<CompletableFuture<Void>> good = new ArrayList<>();
        List<CompletableFuture<Void>> bad = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            good.add(transport.send(somebody, message("text"), Routing.MANDATORY, LIMIT));
            bad.add(transport.send(nobody, message("text"), Routing.MANDATORY, LIMIT));
        }
        good.forEach(TransportContract::join);
        for (CompletableFuture<Void> sent : bad) {
            assertThatThrownBy(() -> join(sent))
                    .isInstanceOf(MessagingException.Undeliverable.class);
        }
    }

    @Test
    void notificationsWaitForTheirListenerAndAPoolGetsACopy() {
        Transport transport = transport();
        Address.Notification address = new Address.Notification("exchange", topic, "info");
        Inbox pool = new Inbox(true);
        subscribe(
                transport,
                new Address.NotificationPool("exchange", topic, "info", "pool-" + topic),
                10,
                pool);
        send(transport, address, "text");
        Inbox late = new Inbox(true);
        subscribe(transport, address, 10, late);
        late.await(1);
        pool.await(1);
        assertThat(late.texts()).containsExactly("text");
        assertThat(pool.texts()).containsExactly("text");
    }

    @Test
    void rejectedMessagesComeAgainOrNot() {
        Transport transport = transport();
        List<Boolean> redelivered = new CopyOnWriteArrayList<>();
        subscribe(
                transport,
                topicAddress(),
                1,
                delivery -> {
                    redelivered.add(delivery.redelivered());
                    delivery.reject(!delivery.redelivered());
                    // once only
                    delivery.reject(true);
                    delivery.acknowledge();
                });
        send(transport, topicAddress(), "text");
        send(transport, topicAddress(), "text");
        Await.until(() -> redelivered.size() == 4);
        assertThat(redelivered.stream().filter(again -> again)).hasSize(2);
    }

    @Test
    void whatAHandlerThrowsDropsTheMessageAndNoMore() {
        Transport transport = transport();
        Inbox inbox = new Inbox(true);
        subscribe(
                transport,
                topicAddress(),
                1,
                delivery -> {
                    inbox.handle(delivery);
                    if (text(delivery).equals("bad")) {
                        throw new IllegalStateException("thrown on purpose");
                    }
                });
        send(transport, topicAddress(), "bad");
        send(transport, topicAddress(), "good");
        inbox.await(2);
        assertThat(inbox.texts()).containsExactly("bad", "good");
    }

    @Test
    void noMoreThanTheBoundAreUnsettled() {
        Transport transport = transport();
        Inbox inbox = new Inbox(false);
        List<Address> sources =
                List.of(topicAddress(), new Address.Server("exchange", topic, "server"));
        transport.subscribe(sources, 2, inbox, LIMIT);
        for (int i = 0; i < 4; i++) {
            send(transport, sources.get(i % 2), "text");
        }
        inbox.await(2);
        Inbox witness = new Inbox(true);
        subscribe(transport, new Address.Fanout(topic), 1, witness);
        send(transport, new Address.Fanout(topic), "text");
        witness.await(1);
        assertThat(inbox.deliveries).hasSize(2);
        inbox.deliveries.get(0).acknowledge();
        inbox.await(3);
        inbox.deliveries.get(1).reject(false);
        inbox.await(4);
    }

    @Test
    void closingGivesBackWhatIsUnsettledAndHandsOverNoMore() {
        Transport transport = transport();
        Inbox inbox = new Inbox(false);
        Transport.Subscription subscription = subscribe(transport, topicAddress(), 1, inbox);
        send(transport, topicAddress(), "first");
        send(transport, topicAddress(), "second");
        inbox.await(1);
        subscription.close();
        subscription.close();
        inbox.deliveries.getFirst().acknowledge();
        Inbox next = new Inbox(true);
        subscribe(transport, topicAddress(), 10, next);
        next.await(2);
        assertThat(next.texts()).containsExactlyInAnyOrder("first", "second");
        assertThat(inbox.deliveries).hasSize(1);
    }

    @Test
    void aHandlerMayCloseItsSubscriptionAndSend() {
        Transport transport = transport();
        Inbox inbox = new Inbox(true);
        Address.Reply reply = new Address.Reply("reply_" + topic);
        subscribe(transport, reply, 1, inbox);
        CompletableFuture<Transport.Subscription> subscription = new CompletableFuture<>();
        subscription.complete(
                subscribe(
                        transport,
                        topicAddress(),
                        1,
                        delivery -> {
                            send(transport, reply, text(delivery));
                            delivery.acknowledge();
                            subscription.join().close();
                        }));
        send(transport, topicAddress(), "text");
        inbox.await(1);
        assertThat(inbox.texts()).containsExactly("text");
    }

    @Test
    void aClosedTransportSendsAndReceivesNothing() {
        Transport transport = transport();
        Inbox inbox = new Inbox(true);
        subscribe(transport, topicAddress(), 1, inbox);
        transport.close();
        transport.close();
        assertThatThrownBy(() -> send(transport, topicAddress(), "text"))
                .isInstanceOf(MessagingException.Closed.class);
        assertThatThrownBy(() -> subscribe(transport, topicAddress(), 1, inbox))
                .isInstanceOf(MessagingException.Closed.class);
    }

    @Test
    void aMessageThatNobodyTookExpires() {
        Transport transport = transport();
        // only for its queue to be there
        subscribe(transport, topicAddress(), 1, new Inbox(true)).close();
        Message shortly =
                Message.json("late".getBytes(StandardCharsets.UTF_8), Duration.ofMillis(1));
        join(transport.send(topicAddress(), shortly, Routing.MANDATORY, LIMIT));
        long sent = System.nanoTime();
        Await.until(() -> System.nanoTime() - sent > 20_000_000);
        send(transport, topicAddress(), "text");
        Inbox inbox = new Inbox(true);
        subscribe(transport, topicAddress(), 1, inbox);
        inbox.await(1);
        assertThat(inbox.texts()).containsExactly("text");
    }
}
