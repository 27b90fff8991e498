package io.virtman.messaging.notify;

import java.util.Locale;
import java.util.Optional;

/**
 * How urgent a notification is, and a part of the name of the queue it goes to. Source: {@code
 * PRIORITIES} in {@code oslo_messaging/notify/dispatcher.py}.
 */
public enum NotificationPriority {
    AUDIT,
    DEBUG,
    INFO,
    WARN,
    ERROR,
    CRITICAL,
    /** For frequent, small measurements. */
    SAMPLE;

    /** In lower case: the last part of routing key and queue name. */
    public String queueSuffix() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The priority of a message, in whatever case; empty when there is none of that name. */
    public static Optional<NotificationPriority> of(String text) {
        for (NotificationPriority priority : values()) {
            if (priority.name().equalsIgnoreCase(text)) {
                return Optional.of(priority);
            }
        }
        return Optional.empty();
    }
}
