package io.virtman.messaging.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.messaging.config.QueueOptions;
import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.TransportUrl;
import io.virtman.messaging.rabbit.RabbitSettings;
import io.virtman.messaging.rabbit.RabbitTransport;
import io.virtman.messaging.wire.NotificationMessage;
import io.virtman.testkit.Await;
import io.virtman.testkit.RabbitBroker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Notifier and listener over a real RabbitMQ that is killed under them. */
@Timeout(120)
class NotificationsOverRabbitTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static RabbitTransport transport(RabbitBroker broker) {
        return RabbitTransport.open(
                TransportUrl.parse(broker.uri()),
                RabbitOptions.DEFAULTS.withQueues(QueueOptions.DEFAULTS.withDurable(true)),
                RabbitSettings.of("test"));
    }

    @Test
    void killedBrokerCostsNoNotification() throws InterruptedException {
        List<NotificationMessage> seen = new CopyOnWriteArrayList<>();
        ConcurrentHashMap<String, AtomicInteger> attempts = new ConcurrentHashMap<>();
        CountDownLatch some = new CountDownLatch(20);
        try (RabbitBroker broker = RabbitBroker.start();
                RabbitTransport transport = transport(broker)) {
            NotificationListener listener =
                    NotificationListener.builder(transport)
                            .target("nova", Notifier.VERSIONED_TOPIC)
                            .unsettled(8)
                            .requeue(new RequeuePolicy(3, Duration.ZERO, Duration.ZERO))
                            .on(
                                    NotificationPriority.INFO,
                                    notification -> {
                                        int attempt =
                                                attempts.computeIfAbsent(
                                                                notification.eventType(),
                                                                any -> new AtomicInteger())
                                                        .incrementAndGet();
                                        if (notification.eventType().equals("poison")
                                                || (notification.eventType().endsWith("7")
                                                        && attempt == 1)) {
                                            return NotificationResult.REQUEUE;
                                        }
                                        seen.add(notification);
                                        some.countDown();
                                        return NotificationResult.HANDLED;
                                    })
                            .start(LIMIT);
            Notifier notifier =
                    Notifier.builder(transport, "compute.host-1")
                            .exchange("nova")
                            .topics(List.of(Notifier.VERSIONED_TOPIC))
                            .limit(LIMIT)
                            .build();
            assertThat(notifier.info(Notifications.context(), "poison", Notifications.number(0)))
                    .isTrue();
            Thread killer =
                    Thread.startVirtualThread(() -> {
                        try {
                            some.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        broker.kill();
                        broker.restart();
                    });
            for (int i = 0; i < 200; i++) {
                assertThat(notifier.info(Notifications.context(), "e" + i, Notifications.number(i)))
                        .isTrue();
            }
            killer.join();
            Await.until(() ->
                    seen.stream().map(NotificationMessage::eventType).distinct().count() == 200);
            Await.until(() -> attempts.getOrDefault("poison", new AtomicInteger()).get() == 3);
            Await.until(() -> listener.statistics().dropped() == 1);
            assertThat(seen).extracting(NotificationMessage::uniqueId).doesNotHaveDuplicates();
            assertThat(listener.close(LIMIT)).isTrue();
            assertThat(notifier.close(LIMIT)).isZero();
            Await.until(
                    () -> broker.queues().getOrDefault("versioned_notifications.info", -1) == 0);
            assertThat(notifier.statistics().sent()).isEqualTo(201);
        }
    }
}
