package io.virtman.messaging.transport;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A connection to a message broker that mends itself. Any thread. What is said here holds for every
 * implementation and is tested by one contract test.
 */
public interface Transport extends AutoCloseable {
    /** Whether the broker must refuse a message that no queue would get. */
    enum Routing {
        /** A message that no queue gets is lost in silence, as casts are. */
        OPTIONAL,
        /** {@link MessagingException.Undeliverable} when no queue gets it; AMQP's mandatory. */
        MANDATORY
    }

    /**
     * Publishes a message. While the broker cannot be reached the message waits, and after a lost
     * connection it is published again unless it was confirmed, so that it may arrive twice; both
     * until the time limit. At most a bounded number of messages wait; the caller waits for room,
     * no longer than the time limit.
     *
     * @param limit how long to try, longer than zero
     * @return completed when the broker has confirmed that it has the message; fails with {@link
     *     MessagingException.Undeliverable}, with {@link MessagingException.Timeout} when the limit
     *     has passed (the message may still have arrived), or with {@link
     *     MessagingException.Closed}. Completed on a thread that must not block long.
     */
    CompletableFuture<Void> send(Address to, Message message, Routing routing, Duration limit);

    /**
     * Receives from several sources until closed. Queues are made if they are not there, and made
     * again after they were deleted or the broker came back; the subscription outlives all that.
     * Returns once the sources are being received from.
     *
     * @param unsettled how many deliveries may be unsettled at a time, at least 1; AMQP's prefetch
     * @param handler see there
     * @param limit how long to wait for the broker
     * @throws MessagingException when the broker cannot be reached in that time or refuses
     */
    Subscription subscribe(
            List<Address> sources, int unsettled, DeliveryHandler handler, Duration limit);

    /** What its configuration says to those who use it. */
    TransportDefaults defaults();

    /** A name for a reply queue that nobody else has: {@code reply_} and more. */
    String newReplyQueue();

    /** Ends all subscriptions; unconfirmed messages fail with {@link MessagingException.Closed}. */
    @Override
    void close();

    /** Takes what a subscription receives. */
    @FunctionalInterface
    interface DeliveryHandler {
        /**
         * Called for one delivery after the other, in the broker's order, on a thread of the
         * transport that must not be held up. What it throws is logged and the message dropped.
         */
        void handle(Delivery delivery);
    }

    /** Receives until closed. */
    interface Subscription extends AutoCloseable {
        /** Ends it: no delivery is handed over after this returns; unsettled ones go back. */
        @Override
        void close();
    }
}
