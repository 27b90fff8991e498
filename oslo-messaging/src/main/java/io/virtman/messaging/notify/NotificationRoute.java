package io.virtman.messaging.notify;

import io.virtman.messaging.wire.NotificationMessage;
import java.util.List;
import java.util.Set;

/**
 * An endpoint with what it wants. A single endpoint is a batch endpoint that is given one at a
 * time.
 */
record NotificationRoute(
        Set<NotificationPriority> priorities,
        NotificationFilter filter,
        boolean one,
        NotificationBatchEndpoint endpoint) {
    static NotificationRoute single(
            Set<NotificationPriority> priorities,
            NotificationFilter filter,
            NotificationEndpoint endpoint) {
        return new NotificationRoute(
                Set.copyOf(priorities),
                filter,
                true,
                notifications -> endpoint.handle(notifications.getFirst()));
    }

    static NotificationRoute batch(
            Set<NotificationPriority> priorities,
            NotificationFilter filter,
            NotificationBatchEndpoint endpoint) {
        return new NotificationRoute(Set.copyOf(priorities), filter, false, endpoint);
    }

    NotificationResult handle(List<NotificationMessage> notifications) throws Exception {
        return endpoint.handle(notifications);
    }
}
