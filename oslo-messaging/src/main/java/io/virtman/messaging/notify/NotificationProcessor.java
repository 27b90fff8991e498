package io.virtman.messaging.notify;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.WARNING;

import io.virtman.messaging.delivery.RateLimitedLog;
import io.virtman.messaging.transport.Delivery;
import io.virtman.messaging.wire.MalformedMessageException;
import io.virtman.messaging.wire.MessageCodec;
import io.virtman.messaging.wire.NotificationMessage;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads deliveries, gives them to the endpoints that want them, and settles them by what came of
 * it. Source: {@code oslo_messaging/notify/dispatcher.py} and {@code listener.py}. Any thread;
 * whatever is thrown in here, every delivery is settled, or left to the broker when closing.
 */
final class NotificationProcessor {
    private final List<NotificationRoute> routes;
    private final MessageCodec codec;
    private final DeliveryLedger ledger;
    private final NotificationCounters counters;
    private final Requeuer requeuer;
    private final RateLimitedLog log;

    /** A notification on its way through the endpoints. */
    private static final class Incoming {
        private final Delivery delivery;
        private final NotificationMessage message;
        private final @Nullable String key;
        private boolean wanted;
        private boolean failed;

        Incoming(Delivery delivery, NotificationMessage message, @Nullable String key) {
            this.delivery = delivery;
            this.message = message;
            this.key = key;
        }
    }

    NotificationProcessor(
            List<NotificationRoute> routes,
            MessageCodec codec,
            DeliveryLedger ledger,
            NotificationCounters counters,
            Requeuer requeuer,
            RateLimitedLog log) {
        this.routes = List.copyOf(routes);
        this.codec = codec;
        this.ledger = ledger;
        this.counters = counters;
        this.requeuer = requeuer;
        this.log = log;
    }

    /** Handles deliveries together: one, or a batch. */
    void process(List<Delivery> deliveries) {
        Map<NotificationPriority, List<Incoming>> byPriority =
                new EnumMap<>(NotificationPriority.class);
        for (Delivery delivery : deliveries) {
            guarded(() -> admit(delivery, byPriority));
        }
        byPriority.forEach((priority, notifications) -> {
            routes.stream()
                    .filter(route -> route.priorities().contains(priority))
                    .forEach(route -> offer(route, notifications));
            notifications.forEach(incoming -> guarded(() -> settle(incoming)));
        });
    }

    /** One that goes wrong must not take the others of its batch with it. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            log.log(ERROR, "internal", () -> "notification not settled: " + e, e);
        }
    }

    private void admit(Delivery delivery, Map<NotificationPriority, List<Incoming>> byPriority) {
        counters.received.increment();
        NotificationMessage message;
        try {
            message = codec.decodeNotification(delivery.message());
        } catch (MalformedMessageException e) {
            MalformedMessageException.Salvage salvage = e.salvage();
            malformed(delivery, e.getMessage(), salvage == null ? null : salvage.requestId());
            return;
        } catch (RuntimeException | StackOverflowError e) { // a gap in the codec's checks
            malformed(delivery, e.getClass().getName(), null);
            return;
        } catch (Throwable e) { // out of memory, say: once more, perhaps when there is some
            counters.failures.increment();
            delivery.reject(!delivery.redelivered());
            throw e;
        }
        Optional<NotificationPriority> priority = NotificationPriority.of(message.priority());
        if (priority.isEmpty()) {
            malformed(
                    delivery,
                    "unknown priority " + message.priority(),
                    message.context().requestId().orElse(null));
            return;
        }
        String key = DeliveryLedger.key(message.uniqueId());
        switch (ledger.admit(key, delivery)) {
            case HANDLE ->
                    byPriority
                            .computeIfAbsent(priority.get(), any -> new ArrayList<>())
                            .add(new Incoming(delivery, message, key));
            case DUPLICATE -> {
                counters.duplicates.increment();
                delivery.acknowledge();
            }
            case COPY -> counters.duplicates.increment();
        }
    }

    private void malformed(Delivery delivery, @Nullable String reason, @Nullable String requestId) {
        counters.malformed.increment();
        log.log(
                WARNING,
                "malformed",
                () ->
                        "malformed notification from "
                                + delivery.source()
                                + " dropped: "
                                + reason
                                + " ["
                                + (requestId == null ? "no request id" : requestId)
                                + "]");
        delivery.reject(false);
    }

    /** Those that failed at an endpoint are not given to the ones after it. */
    private void offer(NotificationRoute route, List<Incoming> notifications) {
        List<Incoming> wanted = new ArrayList<>();
        for (Incoming incoming : notifications) {
            if (!incoming.failed && matches(route, incoming)) {
                incoming.wanted = true;
                wanted.add(incoming);
            }
        }
        if (route.one()) {
            wanted.forEach(incoming -> handle(route, List.of(incoming)));
        } else if (!wanted.isEmpty()) {
            handle(route, wanted);
        }
    }

    private boolean matches(NotificationRoute route, Incoming incoming) {
        try {
            return route.filter().matches(incoming.message);
        } catch (RuntimeException | StackOverflowError e) { // an expression that recurses too deep
            threw(List.of(incoming), e);
            return false;
        }
    }

    private void handle(NotificationRoute route, List<Incoming> wanted) {
        try {
            List<NotificationMessage> messages =
                    wanted.stream().map(incoming -> incoming.message).toList();
            if (route.handle(messages) == NotificationResult.REQUEUE) {
                wanted.forEach(incoming -> incoming.failed = true);
            }
        } catch (Throwable e) { // an error of one endpoint must not end the listener
            threw(wanted, e);
        }
    }

    private void threw(List<Incoming> notifications, Throwable cause) {
        counters.failures.increment();
        notifications.forEach(incoming -> {
            incoming.wanted = true;
            incoming.failed = true;
        });
        log.log(
                WARNING,
                "failed",
                () ->
                        "notification not handled: "
                                + notifications.getFirst().message
                                + (notifications.size() > 1
                                        ? " and " + (notifications.size() - 1) + " more"
                                        : "")
                                + ": "
                                + cause.getClass().getName(),
                cause);
    }

    private void settle(Incoming incoming) {
        if (!incoming.failed) {
            (incoming.wanted ? counters.handled : counters.ignored).increment();
            List<Delivery> copies = ledger.finish(incoming.key);
            incoming.delivery.acknowledge();
            copies.forEach(Delivery::acknowledge);
            return;
        }
        DeliveryLedger.Ended ended = ledger.fail(incoming.key, incoming.delivery.redelivered());
        List<Delivery> all = new ArrayList<>(ended.copies());
        all.addFirst(incoming.delivery);
        if (requeuer.requeue(all, ended.attempts())) {
            counters.requeued.increment();
            return;
        }
        counters.dropped.increment();
        ledger.finish(incoming.key).forEach(copy -> copy.reject(false));
        all.forEach(delivery -> delivery.reject(false));
        log.log(
                WARNING,
                "dropped",
                () -> "notification given up after repeated failures: " + incoming.message);
    }
}
