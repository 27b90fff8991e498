package io.virtman.cinder.notify;

import io.virtman.bridge.database.Database;
import io.virtman.messaging.config.NotificationOptions;
import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.TransportUrl;
import io.virtman.messaging.notify.NotificationDriver;
import io.virtman.messaging.notify.Notifier;
import io.virtman.messaging.rabbit.RabbitSettings;
import io.virtman.messaging.rabbit.RabbitTransport;
import io.virtman.messaging.transport.Transport;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Makes what sends notifications, as {@code [oslo_messaging_notifications]} says. */
public final class Notifications {
    /** After which one is given up; none is worth more memory. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final int PENDING = 1000;

    private Notifications() {}

    /**
     * Connects to nothing before there is something to tell.
     *
     * @param options without a driver that is built, nothing is read or sent
     * @param rabbit how to reach the broker of {@link NotificationOptions#url}, where there is one
     * @param exchange {@code control_exchange}
     * @param backend {@code host@backend}
     * @param database from which rows are read
     * @param rpc used where there is no URL; it is not closed by what this returns
     */
    public static UsageNotices open(
            NotificationOptions options,
            RabbitOptions rabbit,
            String exchange,
            String backend,
            Database database,
            Transport rpc) {
        List<NotificationDriver> drivers =
                options.drivers().stream()
                        .map(NotificationDriver::of)
                        .flatMap(Optional::stream)
                        .distinct()
                        .toList();
        Optional<TransportUrl> url = options.url();
        if (drivers.isEmpty() || options.topics().isEmpty()) {
            return new UsageNotices(database, backend, List.of(), () -> {}, InstantSource.system());
        }
        Transport transport =
                url.isPresent()
                        ? RabbitTransport.open(
                                url.get(), rabbit, RabbitSettings.of("virtman-cinder"))
                        : rpc;
        List<Notifier> notifiers =
                drivers.stream()
                        .map(driver ->
                                Notifier.builder(transport, "volume." + backend)
                                        .exchange(exchange)
                                        .topics(options.topics())
                                        .driver(driver)
                                        .limit(LIMIT)
                                        .maximumPending(PENDING)
                                        .build())
                        .toList();
        return new UsageNotices(
                database,
                backend,
                notifiers,
                url.isPresent() ? transport::close : () -> {},
                InstantSource.system());
    }
}
