package io.virtman.messaging.notify;

import com.fasterxml.jackson.databind.JsonNode;
import io.virtman.messaging.transport.Transport;
import io.virtman.messaging.wire.MessageCodec;
import io.virtman.messaging.wire.RequestContext;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Publishes notifications. Source: {@code oslo_messaging/notify/notifier.py} and {@code
 * messaging.py}. Any thread; notifications of one thread are published in its order.
 *
 * <p>A notification tells others of work and must not harm it. So the methods named like priorities
 * never throw because of the broker: a failure is counted, logged without the payload, and returned
 * as false. They wait for the broker no longer than the time limit, which stands where
 * oslo.messaging has {@code retry}; trying for ever, which is its default, is not offered. Who must
 * know, or must not wait, uses {@link #send}.
 *
 * <p>The context's token and other secrets are left out, as {@code _sanitize_context} does.
 */
public final class Notifier {
    /** The topic of notifications unless configured otherwise. */
    public static final String TOPIC = "notifications";

    /** The topic of Nova's versioned notifications. */
    public static final String VERSIONED_TOPIC = "versioned_notifications";

    private final NotificationSender sender;
    private final String publisherId;

    private Notifier(NotificationSender sender, String publisherId) {
        this.sender = sender;
        this.publisherId = publisherId;
    }

    /**
     * Starts to describe a notifier.
     *
     * @param publisherId who tells, by custom {@code service.host}
     */
    public static Builder builder(Transport transport, String publisherId) {
        return new Builder(transport, publisherId);
    }

    /** The same notifier in another's name; closing either closes both. */
    public Notifier withPublisherId(String other) {
        return new Notifier(sender, other);
    }

    /**
     * Publishes without waiting: returns at once.
     *
     * @param payload any JSON; may be changed as soon as this returns
     * @return completed when the broker has confirmed it on every topic; fails with a {@code
     *     MessagingException} when that did not happen within the time limit, when too many
     *     notifications are waiting already, or when the notifier is closed. Failures are counted
     *     and logged here too. Completed on a thread that must not block
     */
    public CompletableFuture<Void> send(
            RequestContext context,
            NotificationPriority priority,
            String eventType,
            JsonNode payload) {
        return sender.send(publisherId, context, priority, eventType, payload);
    }

    /** Of the start and end of audit periods; {@link #info} says the rest. */
    public boolean audit(RequestContext context, String eventType, JsonNode payload) {
        return confirmed(send(context, NotificationPriority.AUDIT, eventType, payload));
    }

    /** Of interest to developers; {@link #info} says the rest. */
    public boolean debug(RequestContext context, String eventType, JsonNode payload) {
        return confirmed(send(context, NotificationPriority.DEBUG, eventType, payload));
    }

    /**
     * Publishes and waits for the broker, no longer than the time limit.
     *
     * @param eventType e.g. {@code instance.create.end}
     * @param payload any JSON, versioned or not
     * @return whether the broker confirmed it on every topic; false too when the thread is
     *     interrupted, which leaves the notification on its way
     */
    public boolean info(RequestContext context, String eventType, JsonNode payload) {
        return confirmed(send(context, NotificationPriority.INFO, eventType, payload));
    }

    /** Something may go wrong; {@link #info} says the rest. */
    public boolean warn(RequestContext context, String eventType, JsonNode payload) {
        return confirmed(send(context, NotificationPriority.WARN, eventType, payload));
    }

    /** Something went wrong; {@link #info} says the rest. */
    public boolean error(RequestContext context, String eventType, JsonNode payload) {
        return confirmed(send(context, NotificationPriority.ERROR, eventType, payload));
    }

    /** Much went wrong; {@link #info} says the rest. */
    public boolean critical(RequestContext context, String eventType, JsonNode payload) {
        return confirmed(send(context, NotificationPriority.CRITICAL, eventType, payload));
    }

    /** A measurement, one of many; {@link #info} says the rest. */
    public boolean sample(RequestContext context, String eventType, JsonNode payload) {
        return confirmed(send(context, NotificationPriority.SAMPLE, eventType, payload));
    }

    /** Ends within the time limit, since the future does. */
    private static boolean confirmed(CompletableFuture<Void> sent) {
        try {
            sent.get();
            return true;
        } catch (ExecutionException e) {
            return false; // counted and logged where it failed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What it has done so far. */
    public NotifierStatistics statistics() {
        return sender.statistics();
    }

    /**
     * Takes no more notifications and waits for those being sent. The transport stays open.
     *
     * @return how many were not confirmed when the time was up; 0 when all have ended
     */
    public int close(Duration limit) {
        return sender.close(limit);
    }

    /** What a notifier needs to know; everything but transport and publisher has a default. */
    public static final class Builder {
        private final Transport transport;
        private final String publisherId;
        private String exchange = "openstack";
        private List<String> topics = List.of(TOPIC);
        private MessageCodec codec;
        private NotificationDriver driver = NotificationDriver.MESSAGINGV2;
        private Duration limit = Duration.ofSeconds(10);
        private int maximumPending = 1000;
        private InstantSource clock = InstantSource.system();

        private Builder(Transport transport, String publisherId) {
            this.transport = transport;
            this.publisherId = publisherId;
            codec = MessageCodec.of(1, transport.defaults()); // it only writes
        }

        /** {@code control_exchange}; {@code openstack} unless given. */
        public Builder exchange(String name) {
            exchange = name;
            return this;
        }

        /** One copy goes to each, at least one; {@link Notifier#TOPIC} unless given. */
        public Builder topics(List<String> names) {
            if (names.isEmpty()) {
                throw new IllegalArgumentException("no topic");
            }
            topics = List.copyOf(names);
            return this;
        }

        /** The format; with envelope unless given. */
        public Builder driver(NotificationDriver format) {
            driver = format;
            return this;
        }

        /** How messages are written; unless given, as the transport's configuration says. */
        public Builder codec(MessageCodec writer) {
            codec = writer;
            return this;
        }

        /** How long one notification may take, longer than zero; 10 s unless given. */
        public Builder limit(Duration longest) {
            if (longest.isNegative() || longest.isZero()) {
                throw new IllegalArgumentException("no time: " + longest);
            }
            limit = longest;
            return this;
        }

        /** How many notifications may be on their way; further ones fail. 1000 unless given. */
        public Builder maximumPending(int number) {
            if (number < 1) {
                throw new IllegalArgumentException(number + " pending notifications");
            }
            maximumPending = number;
            return this;
        }

        /** Where time stamps come from; the system's clock unless given. */
        public Builder clock(InstantSource source) {
            clock = source;
            return this;
        }

        /** The notifier. Nothing is declared or sent before its first notification. */
        public Notifier build() {
            return new Notifier(
                    new NotificationSender(
                            transport,
                            exchange,
                            topics,
                            driver,
                            codec,
                            limit,
                            maximumPending,
                            clock),
                    publisherId);
        }
    }
}
