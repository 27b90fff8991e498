package io.virtman.messaging.notify;

import io.virtman.messaging.wire.NotificationMessage;
import java.util.List;

/**
 * Takes notifications many at a time. Source: {@code BatchNotificationDispatcher} in {@code
 * oslo_messaging/notify/dispatcher.py}.
 */
@FunctionalInterface
public interface NotificationBatchEndpoint {
    /**
     * Handles notifications of one priority, in the order they came, at least one. The result holds
     * for all of them.
     *
     * @throws Exception as for {@link NotificationEndpoint}
     */
    NotificationResult handle(List<NotificationMessage> notifications) throws Exception;
}
