package io.virtman.messaging.notify;

import com.fasterxml.jackson.databind.JsonNode;
import io.virtman.messaging.delivery.BoundedDispatcher;
import io.virtman.messaging.delivery.RateLimitedLog;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.transport.Transport;
import io.virtman.messaging.wire.MessageCodec;
import io.virtman.messaging.wire.NotificationMessage;
import io.virtman.messaging.wire.RequestContext;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes notifications and hands them to the transport, one after the other on a thread of its own,
 * since the transport may make its caller wait. Any thread.
 */
final class NotificationSender {
    private static final System.Logger LOG = System.getLogger(Notifier.class.getName());

    /**
     * As {@code str(timeutils.utcnow())}, which leaves the fraction out when it is zero; it is
     * always written here, since there are readers that count on it.
     */
    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    /** What a transport gets on top of the limit before it counts as stuck. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private static final String FULL = "too many notifications are waiting";

    private final Transport transport;
    private final String exchange;
    private final List<String> topics;
    private final NotificationDriver driver;
    private final MessageCodec codec;
    private final Duration limit;
    private final InstantSource clock;
    private final int maximumPending;
    private final Semaphore room;
    private final BoundedDispatcher publisher;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private volatile boolean closed;
    private final RateLimitedLog log =
            new RateLimitedLog(LOG, Duration.ofSeconds(60), System::nanoTime);

    NotificationSender(
            Transport transport,
            String exchange,
            List<String> topics,
            NotificationDriver driver,
            MessageCodec codec,
            Duration limit,
            int maximumPending,
            InstantSource clock) {
        this.transport = transport;
        this.exchange = exchange;
        this.topics = topics;
        this.driver = driver;
        this.codec = codec;
        this.limit = limit;
        this.clock = clock;
        this.maximumPending = maximumPending;
        room = new Semaphore(maximumPending);
        publisher = new BoundedDispatcher("notifier", 1, maximumPending, failure -> {});
    }

    CompletableFuture<Void> send(
            String publisherId,
            RequestContext context,
            NotificationPriority priority,
            String eventType,
            JsonNode payload) {
        NotificationMessage message =
                new NotificationMessage(
                        UUID.randomUUID().toString(),
                        publisherId,
                        eventType,
                        priority.name(),
                        payload,
                        TIMESTAMP.format(clock.instant()),
                        context.redactedForNotification(),
                        null);
        if (closed || !room.tryAcquire()) {
            refused.incrementAndGet();
            return CompletableFuture.failedFuture(
                    logged(message, closed ? closed() : new MessagingException(FULL)));
        }
        CompletableFuture<Void> result =
                new CompletableFuture<Void>()
                        .orTimeout(limit.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
        CompletableFuture<Void> reported = new CompletableFuture<>();
        CompletableFuture<Void> _ =
                result.whenComplete((nothing, failure) -> report(message, failure, reported));
        try {
            List<Message> copies = encode(message);
            long start = System.nanoTime();
            if (!publisher.dispatch(() -> publish(copies, priority, start, result))) {
                result.completeExceptionally(closed ? closed() : new MessagingException(FULL));
            }
        } catch (Throwable e) { // a payload too deep to be written, say: not the caller's worry
            result.completeExceptionally(e);
        }
        return reported;
    }

    private void report(
            NotificationMessage message,
            @Nullable Throwable failure,
            CompletableFuture<Void> reported) {
        room.release();
        if (failure == null) {
            sent.incrementAndGet();
            reported.complete(null);
        } else {
            failures.incrementAndGet();
            reported.completeExceptionally(logged(message, reason(failure)));
        }
    }

    private MessagingException logged(NotificationMessage message, MessagingException reason) {
        log.log(
                System.Logger.Level.WARNING,
                "not sent",
                () -> "notification not sent: " + message + ": " + reason.getMessage());
        return reason;
    }

    private static MessagingException closed() {
        return new MessagingException.Closed("the notifier is closed");
    }

    /** Never the text of an exception of another library, which may quote the payload. */
    private MessagingException reason(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return switch (cause) {
            case MessagingException known -> known;
            case TimeoutException late ->
                    new MessagingException.Timeout("not confirmed within " + limit);
            default -> new MessagingException("failed with " + cause.getClass().getName(), cause);
        };
    }

    /** One for each topic, each with an id of its own, as {@code _add_unique_id} does. */
    private List<Message> encode(NotificationMessage message) {
        List<Message> copies = new ArrayList<>();
        for (int i = 0; i < topics.size(); i++) {
            String uniqueId = UUID.randomUUID().toString().replace("-", "");
            NotificationMessage copy =
                    new NotificationMessage(
                            message.messageId(),
                            message.publisherId(),
                            message.eventType(),
                            message.priority(),
                            message.payload(),
                            message.timestamp(),
                            message.context(),
                            uniqueId);
            copies.add(
                    switch (driver) {
                        case MESSAGING -> codec.encodeWithoutEnvelope(copy);
                        case MESSAGINGV2 -> codec.encode(copy);
                    });
        }
        return copies;
    }

    private void publish(
            List<Message> copies,
            NotificationPriority priority,
            long start,
            CompletableFuture<Void> result) {
        if (result.isDone()) {
            return;
        }
        try {
            List<CompletableFuture<Void>> confirmations = new ArrayList<>();
            for (int i = 0; i < copies.size(); i++) {
                Duration left = limit.minusNanos(System.nanoTime() - start);
                if (left.isNegative() || left.isZero()) {
                    throw new MessagingException.Timeout("not sent within " + limit);
                }
                confirmations.add(
                        transport.send(
                                new Address.Notification(
                                        exchange, topics.get(i), priority.queueSuffix()),
                                copies.get(i),
                                Transport.Routing.OPTIONAL,
                                left));
            }
            CompletableFuture<Void> _ =
                    CompletableFuture.allOf(confirmations.toArray(CompletableFuture[]::new))
                            .whenComplete((nothing, failure) -> {
                                if (failure == null) {
                                    result.complete(null);
                                } else {
                                    result.completeExceptionally(failure);
                                }
                            });
        } catch (Throwable failure) { // the future must end whatever happens
            result.completeExceptionally(failure);
        }
    }

    NotifierStatistics statistics() {
        return new NotifierStatistics(sent.get(), failures.get(), refused.get(), pending());
    }

    private int pending() {
        return maximumPending - room.availablePermits();
    }

    int close(Duration longest) {
        closed = true;
        long start = System.nanoTime();
        publisher.drain(longest);
        long left = longest.toNanos() - (System.nanoTime() - start);
        try {
            if (room.tryAcquire(maximumPending, Math.max(0, left), TimeUnit.NANOSECONDS)) {
                room.release(maximumPending);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return pending();
    }
}
