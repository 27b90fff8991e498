package io.virtman.messaging.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.messaging.notify.FakeTransport.FakeDelivery;
import io.virtman.messaging.wire.NotificationMessage;
import io.virtman.testkit.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What comes again: requeued, poisonous, repeated. */
@Timeout(60)
class NotificationRedeliveryTest {
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
    void requeuedNotificationComesAgain() {
        AtomicInteger attempts = new AtomicInteger();
        NotificationListener listener =
                builder()
                        .on(
                                NotificationPriority.INFO,
                                notification ->
                                        attempts.incrementAndGet() < 3
                                                ? NotificationResult.REQUEUE
                                                : NotificationResult.HANDLED)
                        .start(LIMIT);
        FakeDelivery delivery = transport.deliver(Notifications.info("a"));
        Await.until(() -> delivery.isSettledFor("acknowledged"));
        assertThat(delivery.settled).containsExactly("requeued", "requeued", "acknowledged");
        Await.until(() -> listener.statistics().requeued() == 2);
        NotificationStatistics statistics = listener.statistics();
        assertThat(statistics.handled()).isEqualTo(1);
        assertThat(statistics.failures()).isZero();
        assertThat(statistics.duplicates()).isZero();
        listener.close(LIMIT);
    }

    @Test
    void poisonIsDroppedAfterItsAttemptsWhateverIsThrown() {
        for (Throwable thrown :
                List.of(
                        new IllegalStateException("boom"),
                        new StackOverflowError(),
                        new AssertionError(),
                        new IOException("disk"))) {
            AtomicInteger attempts = new AtomicInteger();
            NotificationListener listener =
                    builder()
                            .on(
                                    NotificationPriority.INFO,
                                    notification -> {
                                        attempts.incrementAndGet();
                                        if (thrown instanceof Error error) {
                                            throw error;
                                        }
                                        throw (Exception) thrown;
                                    })
                            .start(LIMIT);
            FakeDelivery poison = transport.deliver(Notifications.info("a"));
            Await.until(() -> poison.isSettledFor("dropped"));
            assertThat(poison.settled).containsExactly("requeued", "requeued", "dropped");
            assertThat(attempts).hasValue(3);
            assertThat(listener.statistics().failures()).isEqualTo(3);
            assertThat(listener.statistics().dropped()).isEqualTo(1);
            listener.close(LIMIT);
            transport.subscriptionClosed = false;
        }
    }

    @Test
    void poisonWithoutAnIdIsTriedTwice() {
        NotificationListener listener =
                builder()
                        .on(NotificationPriority.INFO, notification -> NotificationResult.REQUEUE)
                        .start(LIMIT);
        FakeDelivery poison = transport.deliver(Notifications.info(null));
        Await.until(() -> poison.isSettledFor("dropped"));
        assertThat(poison.settled).containsExactly("requeued", "dropped");
        listener.close(LIMIT);
    }

    @Test
    void whatWasHandledIsNotHandledAgain() {
        NotificationListener listener = listen();
        for (int i = 0; i < 3; i++) {
            FakeDelivery delivery = transport.deliver(Notifications.info("same"));
            Await.until(() -> delivery.isSettledFor("acknowledged"));
        }
        assertThat(seen).hasSize(1);
        assertThat(listener.statistics().duplicates()).isEqualTo(2);
        listener.close(LIMIT);
    }

    @Test
    void copyThatComesMeanwhileWaitsForTheFirst() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        NotificationListener listener =
                builder()
                        .on(
                                NotificationPriority.INFO,
                                notification -> {
                                    seen.add(notification);
                                    entered.countDown();
                                    gate.await();
                                    return NotificationResult.HANDLED;
                                })
                        .start(LIMIT);
        FakeDelivery first = transport.deliver(Notifications.info("same"));
        entered.await();
        FakeDelivery copy = transport.deliver(Notifications.info("same"));
        Await.until(() -> listener.statistics().duplicates() == 1);
        assertThat(copy.settled).isEmpty();
        gate.countDown();
        Await.until(() -> copy.isSettledFor("acknowledged"));
        assertThat(first.settled).containsExactly("acknowledged");
        assertThat(seen).hasSize(1);
        listener.close(LIMIT);
    }

    @Test
    void failureKeepsItFromLaterEndpoints() {
        List<String> order = new CopyOnWriteArrayList<>();
        NotificationListener listener =
                builder()
                        .concurrency(1)
                        .on(
                                NotificationPriority.INFO,
                                notification -> {
                                    order.add("first");
                                    return order.size() == 1
                                            ? NotificationResult.REQUEUE
                                            : NotificationResult.HANDLED;
                                })
                        .on(
                                NotificationPriority.INFO,
                                notification -> {
                                    order.add("second");
                                    return NotificationResult.HANDLED;
                                })
                        .start(LIMIT);
        FakeDelivery delivery = transport.deliver(Notifications.info("a"));
        Await.until(() -> delivery.isSettledFor("acknowledged"));
        assertThat(order).containsExactly("first", "first", "second");
        listener.close(LIMIT);
    }

    @Test
    void whatAReconnectionDeliversAgainTakesThePlaceOfWhatWaits() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        NotificationListener listener =
                builder()
                        .concurrency(1)
                        .unsettled(3)
                        .on(
                                NotificationPriority.INFO,
                                notification -> {
                                    entered.countDown();
                                    gate.await();
                                    return see(notification);
                                })
                        .start(LIMIT);
        transport.deliver(Notifications.info("id", 0));
        entered.await();
        for (int i = 0; i < 50; i++) { // as many connections lost
            transport.deliver(Notifications.info("id" + i % 3, i % 3));
        }
        Await.until(() -> listener.statistics().waiting() == 3);
        gate.countDown();
        Await.until(() -> seen.size() == 4);
        assertThat(listener.statistics().waiting()).isLessThanOrEqualTo(3);
        listener.close(LIMIT);
    }
}
