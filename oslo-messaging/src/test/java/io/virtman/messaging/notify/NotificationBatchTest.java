package io.virtman.messaging.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.messaging.notify.FakeTransport.FakeDelivery;
import io.virtman.messaging.wire.NotificationMessage;
import io.virtman.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NotificationBatchTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration HOUR = Duration.ofHours(1);

    private final FakeTransport transport = new FakeTransport();
    private final List<List<Integer>> batches = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        transport.close();
    }

    private NotificationListenerBuilder builder(int size, Duration longestWait) {
        return NotificationListener.builder(transport)
                .target("openstack", "notifications")
                .requeue(new RequeuePolicy(2, Duration.ZERO, Duration.ZERO))
                .concurrency(1)
                .batch(size, longestWait)
                .onBatch(EnumSet.of(NotificationPriority.INFO), NotificationFilter.ALL, this::take);
    }

    private NotificationResult take(List<NotificationMessage> notifications) {
        List<Integer> payloads =
                notifications.stream().map(message -> message.payload().intValue()).toList();
        batches.add(payloads);
        return payloads.contains(13) ? NotificationResult.REQUEUE : NotificationResult.HANDLED;
    }

    private List<FakeDelivery> deliver(int... payloads) {
        List<FakeDelivery> deliveries = new ArrayList<>();
        for (int payload : payloads) {
            deliveries.add(transport.deliver(Notifications.info("id" + payload, payload)));
        }
        return deliveries;
    }

    @Test
    void fullBatchDoesNotWait() {
        NotificationListener listener = builder(3, HOUR).start(LIMIT);
        deliver(1, 2, 3, 4, 5, 6, 7);
        Await.until(() -> listener.statistics().handled() == 6);
        assertThat(batches).containsExactly(List.of(1, 2, 3), List.of(4, 5, 6));
        assertThat(listener.close(LIMIT)).isTrue();
        assertThat(batches).hasSize(3).last().isEqualTo(List.of(7)); // what there was is handled
    }

    @Test
    void incompleteBatchWaitsNoLongerThanToldTo() {
        NotificationListener listener = builder(100, Duration.ofMillis(20)).start(LIMIT);
        List<FakeDelivery> deliveries = deliver(1, 2);
        Await.until(() -> deliveries.get(1).isSettledFor("acknowledged"));
        assertThat(batches.stream().flatMap(List::stream)).containsExactly(1, 2);
        listener.close(LIMIT);
    }

    @Test
    void batchIsNeverLargerThanWhatMayBeUnsettled() {
        NotificationListener listener = builder(100, HOUR).unsettled(2).start(LIMIT);
        deliver(1, 2);
        Await.until(() -> listener.statistics().handled() == 2);
        listener.close(LIMIT);
    }

    @Test
    void requeueHoldsForTheWholeBatchAndIsBounded() {
        NotificationListener listener = builder(2, Duration.ofMillis(20)).start(LIMIT);
        List<FakeDelivery> deliveries = deliver(12, 13);
        Await.until(() -> listener.statistics().dropped() == 2);
        assertThat(deliveries.get(0).settled).containsExactly("requeued", "dropped");
        assertThat(deliveries.get(1).settled).containsExactly("requeued", "dropped");
        listener.close(LIMIT);
    }
}
