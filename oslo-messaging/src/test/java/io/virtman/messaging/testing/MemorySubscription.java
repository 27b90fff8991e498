package io.virtman.messaging.testing;

import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Delivery;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Hands deliveries over on a thread of its own; its state is under the broker's lock. */
final class MemorySubscription implements Transport.Subscription {
    private static final System.Logger LOG = System.getLogger(MemorySubscription.class.getName());
    private static final Duration LAST_HANDOVER = Duration.ofSeconds(5);

    private final MemoryBroker broker;
    private final int unsettled;
    private final Transport.DeliveryHandler handler;
    private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
    private final Set<Held> held = new LinkedHashSet<>();
    private final Thread thread;
    private volatile boolean closed;

    MemorySubscription(MemoryBroker broker, int unsettled, Transport.DeliveryHandler handler) {
        this.broker = broker;
        this.unsettled = unsettled;
        this.handler = handler;
        thread = Thread.ofVirtual().name("memory-subscription").start(this::handOver);
    }

    boolean hasRoom() {
        return !closed && held.size() < unsettled;
    }

    void hand(MemoryQueue queue, MemoryQueue.Stored stored, Address source) {
        Held delivery = new Held(queue, stored, source);
        held.add(delivery);
        inbox.add(() -> handOver(delivery));
    }

    /** Puts all that is unsettled back into its queues; settling it does nothing any more. */
    void loseDeliveries() {
        List<Held> lost = new ArrayList<>(held);
        held.clear();
        lost.forEach(delivery -> delivery.queue.putBack(delivery.stored));
    }

    private boolean isHeld(Held delivery) {
        synchronized (broker) {
            return held.contains(delivery);
        }
    }

    private void handOver() {
        try {
            while (!closed) {
                inbox.take().run();
            }
        } catch (InterruptedException _) {
            return; // nobody does
        }
    }

    private void handOver(Held delivery) {
        if (closed || !isHeld(delivery)) {
            return;
        }
        try {
            handler.handle(delivery);
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "a delivery handler failed", e);
            delivery.reject(false);
        }
    }

    @Override
    public void close() {
        synchronized (broker) {
            closed = true;
            broker.unsubscribe(this);
        }
        inbox.add(() -> {}); // wakes it up
        if (Thread.currentThread() != thread) {
            try {
                thread.join(LAST_HANDOVER);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A delivery that is unsettled as long as it is in {@link #held}. */
    private final class Held implements Delivery {
        private final MemoryQueue queue;
        private final MemoryQueue.Stored stored;
        private final Address source;
        private final boolean redelivered;

        Held(MemoryQueue queue, MemoryQueue.Stored stored, Address source) {
            this.queue = queue;
            this.stored = stored;
            this.source = source;
            redelivered = stored.redelivered;
        }

        @Override
        public Message message() {
            return stored.message;
        }

        @Override
        public Address source() {
            return source;
        }

        @Override
        public boolean redelivered() {
            return redelivered;
        }

        @Override
        public boolean acknowledge() {
            return settle(false);
        }

        @Override
        public void reject(boolean requeue) {
            boolean _ = settle(requeue);
        }

        private boolean settle(boolean requeue) {
            synchronized (broker) {
                boolean unsettled = held.remove(this);
                if (unsettled) {
                    if (requeue) {
                        queue.putBack(stored);
                    }
                    broker.dispatchAll();
                }
                return unsettled;
            }
        }
    }
}
