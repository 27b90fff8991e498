package io.virtman.messaging.config;

import java.util.List;
import java.util.Optional;

/**
 * The options of {@code [oslo_messaging_notifications]}; {@code oslo_messaging/notify/notifier.py}.
 *
 * @param drivers option driver, given once for each: {@code messaging}, {@code messagingv2}, {@code
 *     log}, {@code noop} ...; empty when nothing is sent
 * @param topics {@code topics}
 * @param url {@code transport_url}; empty for the one of RPC
 */
public record NotificationOptions(
        List<String> drivers, List<String> topics, Optional<TransportUrl> url) {
    private static final String SECTION = "oslo_messaging_notifications";

    /** Copies what it is given. */
    public NotificationOptions {
        drivers = List.copyOf(drivers);
        topics = List.copyOf(topics);
    }

    /** Reads them, with their former names in {@code [DEFAULT]}. */
    public static NotificationOptions of(OsloConfiguration configuration) {
        OptionSection section = configuration.section(SECTION);
        OptionSection former = configuration.section("DEFAULT");
        List<String> drivers = section.texts("driver");
        Optional<String> url =
                section.text("transport_url")
                        .or(() -> former.text("notification_transport_url"))
                        .filter(text -> !text.isEmpty());
        return new NotificationOptions(
                drivers.isEmpty() ? former.texts("notification_driver") : drivers,
                section.list(
                        "topics", former.list("notification_topics", List.of("notifications"))),
                url.map(TransportUrl::parse));
    }
}
