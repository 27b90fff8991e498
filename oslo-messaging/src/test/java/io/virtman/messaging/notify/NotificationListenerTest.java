package io.virtman.messaging.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.messaging.notify.FakeTransport.FakeDelivery;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.wire.NotificationMessage;
import io.virtman.testkit.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NotificationListenerTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final RequeuePolicy THREE =
            new RequeuePolicy(3, Duration.ofMillis(1), Duration.ofMillis(2));

    private final FakeTransport transport = new FakeTransport();
    private final List<NotificationMessage> seen = new CopyOnWriteArrayList<>();
    private final CountDownLatch gate = new CountDownLatch(1);

    private NotificationListenerBuilder builder() {
        return NotificationListener.builder(transport)
                .target("openstack", "notifications")
                .requeue(THREE);
    }

    private NotificationResult see(NotificationMessage notification) {
        seen.add(notification);
        return NotificationResult.HANDLED;
    }

    private NotificationListener listen() {
        return builder().on(NotificationPriority.INFO, this::see).start(LIMIT);
    }

    @AfterEach
    void close() {
        gate.countDown();
        transport.close();
    }

    @Test
    void subscribesToEachPriorityThatSomethingIsFor() {
        NotificationListener listener =
                builder()
                        .target("nova", "versioned_notifications")
                        .on(NotificationPriority.INFO, this::see)
                        .on(
                                EnumSet.of(NotificationPriority.INFO, NotificationPriority.ERROR),
                                NotificationFilter.ALL,
                                this::see)
                        .unsettled(7)
                        .start(LIMIT);
        assertThat(transport.unsettled).isEqualTo(7);
        assertThat(transport.sources)
                .containsExactlyInAnyOrder(
                        new Address.Notification("openstack", "notifications", "info"),
                        new Address.Notification("openstack", "notifications", "error"),
                        new Address.Notification("nova", "versioned_notifications", "info"),
                        new Address.Notification("nova", "versioned_notifications", "error"));
        assertThat(listener.close(LIMIT)).isTrue();
        assertThat(transport.subscriptionClosed).isTrue();
    }

    @Test
    void poolHasSourcesOfItsOwn() {
        builder()
                .pool("virtman")
                .on(NotificationPriority.INFO, this::see)
                .start(LIMIT)
                .close(LIMIT);
        assertThat(transport.sources)
                .containsExactly(
                        new Address.NotificationPool(
                                "openstack", "notifications", "info", "virtman"));
    }

    @Test
    void listenerNeedsATargetAndAnEndpoint() {
        assertThatThrownBy(() -> builder().start(LIMIT))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        NotificationListener.builder(transport)
                                .on(NotificationPriority.INFO, this::see)
                                .start(LIMIT))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everyCapturedNotificationArrives() throws IOException {
        NotificationListener listener =
                builder()
                        .on(
                                EnumSet.allOf(NotificationPriority.class),
                                NotificationFilter.ALL,
                                this::see)
                        .concurrency(1)
                        .unsettled(1000)
                        .start(LIMIT);
        List<ObjectNode> captured = Notifications.captured();
        assertThat(captured).hasSizeGreaterThan(50);
        List<FakeDelivery> deliveries = new ArrayList<>();
        for (ObjectNode inner : captured) {
            deliveries.add(transport.deliver(Notifications.message(inner)));
        }
        Await.until(() -> listener.statistics().handled() == captured.size());
        for (int i = 0; i < captured.size(); i++) {
            ObjectNode inner = captured.get(i);
            assertThat(seen.get(i).eventType()).isEqualTo(inner.path("event_type").textValue());
            assertThat(Notifications.JSON.readTree(seen.get(i).payload().toString()))
                    .isEqualTo(inner.path("payload"));
            assertThat(seen.get(i).uniqueId()).isEqualTo(inner.path("_unique_id").textValue());
            assertThat(deliveries.get(i).settled).containsExactly("acknowledged");
        }
        assertThat(seen)
                .anyMatch(message -> message.payload().has("nova_object.data"))
                .anyMatch(message -> message.publisherId().startsWith("volume."));
        listener.close(LIMIT);
    }

    @Test
    void readsTheFormatWithoutEnvelope() {
        NotificationListener listener = listen();
        FakeDelivery delivery =
                transport.deliver(
                        Notifications.CODEC.encodeWithoutEnvelope(
                                Notifications.of("info", null, Notifications.number(1))));
        Await.until(() -> delivery.isSettledFor("acknowledged"));
        assertThat(seen).hasSize(1);
        listener.close(LIMIT);
    }

    @Test
    void acknowledgesOnlyWhenTheEndpointHasReturned() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        NotificationListener listener =
                builder()
                        .on(
                                NotificationPriority.INFO,
                                notification -> {
                                    entered.countDown();
                                    gate.await();
                                    return NotificationResult.HANDLED;
                                })
                        .start(LIMIT);
        FakeDelivery delivery = transport.deliver(Notifications.info("a"));
        entered.await();
        assertThat(delivery.settled).isEmpty();
        assertThat(listener.statistics().running()).isEqualTo(1);
        gate.countDown();
        Await.until(() -> delivery.isSettledFor("acknowledged"));
        listener.close(LIMIT);
    }

    @Test
    void boundsHowManyAreHandledAtATime() {
        AtomicInteger running = new AtomicInteger();
        NotificationListener listener =
                builder()
                        .concurrency(2)
                        .on(
                                NotificationPriority.INFO,
                                notification -> {
                                    running.incrementAndGet();
                                    gate.await();
                                    return NotificationResult.HANDLED;
                                })
                        .start(LIMIT);
        for (int i = 0; i < 20; i++) {
            transport.deliver(Notifications.info("a" + i));
        }
        Await.until(() -> listener.statistics().waiting() == 18 && running.get() == 2);
        assertThat(listener.statistics().running()).isEqualTo(2);
        gate.countDown();
        Await.until(() -> listener.statistics().handled() == 20);
        listener.close(LIMIT);
    }

    @Test
    void garbageIsRejectedAndTheNextOneHandled() {
        NotificationListener listener = listen();
        List<FakeDelivery> bad = new ArrayList<>();
        for (String body : List.of("", "\u0000\u0001", "[]", "{\"oslo.version\":\"9.0\",", "1")) {
            bad.add(transport.deliver(Message.json(body.getBytes(StandardCharsets.UTF_8), null)));
        }
        bad.add(transport.deliver(new Message(new byte[10], "image/png", null, null, null)));
        bad.add(
                transport.deliver(
                        new Message(new byte[10], null, null, "application/x-gzip", null)));
        bad.add(
                transport.deliver(
                        Notifications.CODEC.encode(
                                Notifications.of("URGENT", "u", Notifications.number(1)))));
        FakeDelivery good = transport.deliver(Notifications.info("good"));
        Await.until(() -> good.isSettledFor("acknowledged"));
        Await.until(() -> listener.statistics().malformed() == bad.size());
        for (FakeDelivery delivery : bad) {
            assertThat(delivery.settled).containsExactly("dropped");
        }
        assertThat(seen).hasSize(1);
        listener.close(LIMIT);
    }

    @Test
    void whatNobodyWantsIsAcknowledged() {
        NotificationListener listener =
                builder()
                        .on(
                                EnumSet.of(NotificationPriority.INFO),
                                NotificationFilter.builder().publisherId("volume\\.").build(),
                                this::see)
                        .start(LIMIT);
        FakeDelivery delivery = transport.deliver(Notifications.info("a"));
        Await.until(() -> delivery.isSettledFor("acknowledged"));
        assertThat(seen).isEmpty();
        assertThat(listener.statistics().ignored()).isEqualTo(1);
        listener.close(LIMIT);
    }

    @Test
    void closeWaitsForEndpointsAndLeavesTheRestToTheBroker() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        NotificationListener listener =
                builder()
                        .concurrency(1)
                        .on(
                                NotificationPriority.INFO,
                                notification -> {
                                    entered.countDown();
                                    gate.await(); // interrupted by the end of the time limit
                                    return NotificationResult.HANDLED;
                                })
                        .start(LIMIT);
        FakeDelivery busy = transport.deliver(Notifications.info("a"));
        FakeDelivery waiting = transport.deliver(Notifications.info("b"));
        entered.await();
        Await.until(() -> listener.statistics().waiting() == 1);
        assertThat(listener.close(Duration.ofMillis(10))).isFalse();
        Await.until(() -> listener.statistics().running() == 0);
        assertThat(busy.settled).isEmpty();
        assertThat(waiting.settled).isEmpty();
        assertThat(transport.subscriptionClosed).isTrue();
    }

    @Test
    void endpointMayCloseItsListener() {
        List<NotificationListener> self = new CopyOnWriteArrayList<>();
        NotificationListener listener =
                builder()
                        .on(
                                NotificationPriority.INFO,
                                notification -> {
                                    gate.await();
                                    self.getFirst().close(LIMIT);
                                    return see(notification);
                                })
                        .start(LIMIT);
        self.add(listener);
        transport.deliver(Notifications.info("a"));
        gate.countDown();
        Await.until(() -> seen.size() == 1);
        assertThat(transport.subscriptionClosed).isTrue();
    }
}
