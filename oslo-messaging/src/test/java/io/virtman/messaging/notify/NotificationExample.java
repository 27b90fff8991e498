package io.virtman.messaging.notify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.messaging.transport.Transport;
import io.virtman.messaging.wire.RequestContext;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Consumer;

/** What the manual shows of notifications. */
final class NotificationExample {
    private NotificationExample() {}

    /** Tells of a new volume and waits for the broker; work goes on whatever comes of it. */
    static boolean tell(Notifier notifier, RequestContext context, ObjectNode volume) {
        return notifier.info(context, "volume.create.end", volume);
    }

    static Notifier notifier(Transport transport) {
        return Notifier.builder(transport, "volume.ctl@virtman")
                .exchange("openstack")
                .topics(List.of(Notifier.TOPIC))
                .limit(Duration.ofSeconds(5))
                .build();
    }

    /** Learns of servers as Nova builds and deletes them. */
    static NotificationListener listener(Transport transport, Consumer<String> servers) {
        return NotificationListener.builder(transport)
                .target("nova", Notifier.VERSIONED_TOPIC)
                .pool("virtman")
                .on(
                        EnumSet.of(NotificationPriority.INFO, NotificationPriority.ERROR),
                        NotificationFilter.builder()
                                .publisherId("nova-compute:")
                                .eventType("instance\\.(create|delete)\\.")
                                .build(),
                        notification -> {
                            servers.accept(
                                    notification
                                            .payload()
                                            .path("nova_object.data")
                                            .path("uuid")
                                            .asText());
                            return NotificationResult.HANDLED;
                        })
                .start(Duration.ofSeconds(30));
    }
}
