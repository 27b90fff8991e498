package io.virtman.messaging.notify;

/**
 * Where notifications are published to. Source: {@code oslo_messaging/target.py}.
 *
 * @param exchange {@code control_exchange} of the publishing service: {@code nova} for Nova, {@code
 *     openstack} for services that do not set one, e.g. Cinder
 * @param topic e.g. {@code notifications} or {@code versioned_notifications}
 */
public record NotificationTarget(String exchange, String topic) {
    /** Checks that there are names. */
    public NotificationTarget {
        if (exchange.isEmpty() || topic.isEmpty()) {
            throw new IllegalArgumentException("a target has an exchange and a topic");
        }
    }
}
