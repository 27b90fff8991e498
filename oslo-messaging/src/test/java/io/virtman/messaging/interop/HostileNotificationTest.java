package io.virtman.messaging.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.messaging.notify.NotificationListener;
import io.virtman.messaging.notify.NotificationPriority;
import io.virtman.messaging.notify.NotificationResult;
import io.virtman.messaging.wire.NotificationMessage;
import io.virtman.testkit.Await;
import io.virtman.testkit.RabbitBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever is put into a queue of notifications, what Python's notifier sends is still heard. */
@Timeout(60)
final class HostileNotificationTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @Test
    void nonsenseIsCountedAndDropped() {
        Path configuration = Configuration.write(RabbitBroker.shared());
        String topic = Call.freshTopic();
        List<NotificationMessage> heard = new CopyOnWriteArrayList<>();
        try (PythonSide python = new PythonSide();
                RawPeer raw = new RawPeer(RabbitBroker.shared());
                JavaTransport ours = JavaTransport.open(configuration)) {
            NotificationListener listener =
                    NotificationListener.builder(ours.transport())
                            .target(ours.exchange(), topic)
                            .on(
                                    NotificationPriority.INFO,
                                    notification -> {
                                        heard.add(notification);
                                        return NotificationResult.HANDLED;
                                    })
                            .start(LIMIT);
            String queue = topic + ".info";
            Side.Notifying notifier = python.notifier(configuration);
            Side.Notice notice =
                    new Side.Notice(
                            "p", "still heard", RpcContract.json("1"), RpcContract.json("{}"));
            for (String body : List.of("", "garbage", "[]", "{}", "{'event_type':7}", "null")) {
                raw.publish(queue, body.replace('\'', '"'));
                raw.publishInner(queue, body.replace('\'', '"'));
            }
            raw.publish(queue, "[".repeat(100_000));
            raw.publish(queue, RawPeer.JSON, new byte[20_000_000]);
            ObjectNode unknown = RpcContract.JSON.createObjectNode();
            unknown.put("event_type", "e").put("publisher_id", "p").put("priority", "OTHER");
            unknown.put("message_id", "m").put("timestamp", "t").put("payload", 1);
            raw.publishInner(queue, unknown.toString());
            notifier.send(true, topic, "info", notice);
            notifier.send(false, topic, "info", notice);
            Await.until(() -> listener.statistics().handled() == 2);
            assertThat(heard)
                    .allSatisfy(each -> assertThat(each.eventType()).isEqualTo("still heard"));
            assertThat(listener.statistics().received()).isEqualTo(17);
            assertThat(listener.statistics().malformed()).isEqualTo(15);
            assertThat(listener.close(LIMIT)).isTrue();
            Await.until(() -> RabbitBroker.shared().queues().getOrDefault(queue, 0) == 0);
        }
    }
}
