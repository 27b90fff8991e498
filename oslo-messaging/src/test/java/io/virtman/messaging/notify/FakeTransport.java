package io.virtman.messaging.notify;

import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Delivery;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.Transport;
import io.virtman.messaging.transport.TransportDefaults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A transport that records what it is asked, and whose deliveries can be looked at. */
final class FakeTransport implements Transport {
    /** What was published. */
    record Sent(Address to, Message message, Routing routing, Duration limit) {}

    /** Answers to what is published; confirmed at once unless changed. */
    volatile CompletableFuture<Void> answer = CompletableFuture.completedFuture(null);

    /** Runs within {@link #send}, as one that waits for room would. */
    volatile Runnable beforeSend = () -> {};

    final List<Sent> sent = new CopyOnWriteArrayList<>();
    volatile List<Address> sources = List.of();
    volatile int unsettled;
    volatile boolean subscriptionClosed;

    private volatile @Nullable DeliveryHandler handler;
    private final ExecutorService broker =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());

    @Override
    public CompletableFuture<Void> send(
            Address to, Message message, Routing routing, Duration limit) {
        beforeSend.run();
        sent.add(new Sent(to, message, routing, limit));
        return answer.copy();
    }

    @Override
    public Subscription subscribe(
            List<Address> from, int most, DeliveryHandler handing, Duration limit) {
        sources = List.copyOf(from);
        unsettled = most;
        handler = handing;
        return () -> subscriptionClosed = true;
    }

    @Override
    public TransportDefaults defaults() {
        return TransportDefaults.STANDARD;
    }

    @Override
    public String newReplyQueue() {
        return "reply_" + UUID.randomUUID();
    }

    @Override
    public void close() {
        broker.shutdownNow();
    }

    /** Delivers a message, and again whenever it is given back. */
    FakeDelivery deliver(Message message) {
        FakeDelivery delivery = new FakeDelivery(message, this::hand);
        delivery.deliver(false);
        return delivery;
    }

    private void hand(FakeDelivery delivery, boolean again) {
        broker.execute(() -> {
            DeliveryHandler present = handler;
            if (present != null && !subscriptionClosed) {
                present.handle(delivery.attempt(again));
            }
        });
    }

    /** A message and what became of it. */
    static final class FakeDelivery {
        /** Hands it over, for the first time or again. */
        interface Hand {
            void to(FakeDelivery delivery, boolean again);
        }

        final AtomicInteger deliveries = new AtomicInteger();
        final List<String> settled = new CopyOnWriteArrayList<>();
        private final Message message;
        private final Hand hand;

        FakeDelivery(Message message, Hand hand) {
            this.message = message;
            this.hand = hand;
        }

        void deliver(boolean again) {
            hand.to(this, again);
        }

        boolean isSettledFor(String how) {
            return settled.contains(how);
        }

        /** Begins another delivery of the message and hands it over. */
        void attempt(boolean again, Consumer<Delivery> receiver) {
            receiver.accept(attempt(again));
        }

        private Delivery attempt(boolean again) {
            deliveries.incrementAndGet();
            List<String> once = new ArrayList<>();
            return new Delivery() {
                @Override
                public Message message() {
                    return message;
                }

                @Override
                public Address source() {
                    return new Address.Notification("openstack", "notifications", "info");
                }

                @Override
                public boolean redelivered() {
                    return again;
                }

                @Override
                public boolean acknowledge() {
                    settle("acknowledged");
                    return true;
                }

                @Override
                public void reject(boolean requeue) {
                    if (settle(requeue ? "requeued" : "dropped") && requeue) {
                        deliver(true);
                    }
                }

                private synchronized boolean settle(String how) {
                    if (!once.isEmpty()) {
                        return false;
                    }
                    once.add(how);
                    return settled.add(how);
                }
            };
        }
    }
}
