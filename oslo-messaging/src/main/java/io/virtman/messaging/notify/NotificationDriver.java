package io.virtman.messaging.notify;

import java.util.Locale;
import java.util.Optional;

/**
 * The two formats of notifications, named like the {@code driver} option of {@code
 * [oslo_messaging_notifications]}. Source: {@code oslo_messaging/notify/messaging.py}.
 */
public enum NotificationDriver {
    /** Without envelope (1.0), for consumers that know no other. */
    MESSAGING,
    /** In the envelope that RPC has too (2.0). */
    MESSAGINGV2;

    /** The driver of that name in a configuration file; empty for those not built. */
    public static Optional<NotificationDriver> of(String name) {
        for (NotificationDriver driver : values()) {
            if (driver.name().toLowerCase(Locale.ROOT).equals(name)) {
                return Optional.of(driver);
            }
        }
        return Optional.empty();
    }
}
