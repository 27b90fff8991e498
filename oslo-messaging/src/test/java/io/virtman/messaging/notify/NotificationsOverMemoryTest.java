package io.virtman.messaging.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.messaging.testing.MemoryBroker;
import io.virtman.messaging.testing.MemoryTransport;
import io.virtman.messaging.wire.NotificationMessage;
import io.virtman.testkit.Await;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Notifier and listener together, over a broker that routes and delivers again. */
@Timeout(60)
class NotificationsOverMemoryTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final MemoryBroker broker = new MemoryBroker();
    private final MemoryTransport transport = new MemoryTransport(broker);
    private final List<NotificationMessage> seen = new CopyOnWriteArrayList<>();
    private final CountDownLatch gate = new CountDownLatch(1);

    private NotificationListenerBuilder builder() {
        return NotificationListener.builder(transport).target("nova", Notifier.VERSIONED_TOPIC);
    }

    private Notifier notifier() {
        return Notifier.builder(transport, "compute.host-1")
                .exchange("nova")
                .topics(List.of(Notifier.VERSIONED_TOPIC))
                .build();
    }

    private NotificationResult see(NotificationMessage notification) {
        seen.add(notification);
        return NotificationResult.HANDLED;
    }

    private static ObjectNode versioned() {
        ObjectNode payload = JsonNodeFactory.instance.objectNode();
        payload.put("nova_object.name", "InstanceCreatePayload");
        payload.put("nova_object.namespace", "nova");
        payload.put("nova_object.version", "1.12");
        payload.putObject("nova_object.data").put("uuid", "i-1");
        return payload;
    }

    @AfterEach
    void close() {
        gate.countDown();
        transport.close();
    }

    @Test
    void versionedPayloadArrivesAsItWasSentAndTheTokenDoesNot() {
        NotificationListener listener =
                builder().on(NotificationPriority.INFO, this::see).start(LIMIT);
        assertThat(notifier().info(Notifications.context(), "instance.create.end", versioned()))
                .isTrue();
        Await.until(() -> seen.size() == 1);
        NotificationMessage notification = seen.getFirst();
        assertThat(notification.payload()).isEqualTo(versioned());
        assertThat(notification.eventType()).isEqualTo("instance.create.end");
        assertThat(notification.publisherId()).isEqualTo("compute.host-1");
        assertThat(notification.context().requestId()).contains("req-1");
        assertThat(notification.context().authToken()).isEmpty();
        listener.close(LIMIT);
    }

    @Test
    void notificationsWaitForTheirFirstListener() {
        for (int i = 0; i < 3; i++) {
            notifier().error(Notifications.context(), "e" + i, versioned());
        }
        assertThat(broker.ready("versioned_notifications.error")).isEqualTo(3);
        NotificationListener listener =
                builder().concurrency(1).on(NotificationPriority.ERROR, this::see).start(LIMIT);
        Await.until(() -> seen.size() == 3);
        assertThat(seen)
                .extracting(NotificationMessage::eventType)
                .containsExactly("e0", "e1", "e2");
        listener.close(LIMIT);
    }

    @Test
    void poolGetsCopiesAndItsMembersShareThem() {
        NotificationListener own = builder().on(NotificationPriority.INFO, this::see).start(LIMIT);
        List<String> pooled = new CopyOnWriteArrayList<>();
        NotificationEndpoint member =
                notification -> {
                    pooled.add(notification.messageId());
                    return NotificationResult.HANDLED;
                };
        NotificationListener one =
                builder().pool("virtman").on(NotificationPriority.INFO, member).start(LIMIT);
        NotificationListener two =
                builder().pool("virtman").on(NotificationPriority.INFO, member).start(LIMIT);
        for (int i = 0; i < 20; i++) {
            notifier().info(Notifications.context(), "e" + i, versioned());
        }
        Await.until(() -> seen.size() == 20 && pooled.size() == 20);
        assertThat(pooled).doesNotHaveDuplicates();
        for (NotificationListener listener : List.of(own, one, two)) {
            assertThat(listener.close(LIMIT)).isTrue();
        }
    }

    @Test
    void lostConnectionMeansNeitherLossNorRepeat() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        NotificationListener listener =
                builder()
                        .concurrency(2)
                        .unsettled(4)
                        .on(
                                NotificationPriority.INFO,
                                notification -> {
                                    entered.countDown();
                                    gate.await();
                                    return see(notification);
                                })
                        .start(LIMIT);
        Notifier notifier = notifier();
        for (int i = 0; i < 20; i++) {
            notifier.info(Notifications.context(), "e" + i, versioned());
        }
        entered.await();
        for (int i = 0; i < 5; i++) {
            broker.dropConnections();
        }
        gate.countDown();
        Await.until(() -> listener.statistics().handled() == 20);
        Await.until(() -> broker.ready("versioned_notifications.info") == 0);
        assertThat(seen)
                .hasSize(20)
                .extracting(NotificationMessage::eventType)
                .doesNotHaveDuplicates();
        assertThat(listener.close(LIMIT)).isTrue();
    }

    @Test
    void whatACloseInterruptsGoesToAnotherListener() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        NotificationListener stuck =
                builder()
                        .on(
                                EnumSet.of(NotificationPriority.INFO),
                                NotificationFilter.ALL,
                                notification -> {
                                    entered.countDown();
                                    gate.await();
                                    return NotificationResult.HANDLED;
                                })
                        .start(LIMIT);
        notifier().info(Notifications.context(), "e", versioned());
        entered.await();
        assertThat(stuck.close(Duration.ofMillis(10))).isFalse();
        NotificationListener next = builder().on(NotificationPriority.INFO, this::see).start(LIMIT);
        Await.until(() -> seen.size() == 1);
        assertThat(next.close(LIMIT)).isTrue();
        assertThat(broker.ready("versioned_notifications.info")).isZero();
    }
}
