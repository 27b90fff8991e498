package io.virtman.messaging.testing;

import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A queue of a {@link MemoryBroker}; all under its lock. */
final class MemoryQueue {
    /** A message in its place. */
    static final class Stored {
        final long id;
        final Message message;
        final long expires;
        final boolean canExpire;
        boolean redelivered;

        private Stored(long id, Message message, long now) {
            Duration expiration = message.expiration();
            this.id = id;
            this.message = message;
            canExpire = expiration != null;
            expires = expiration == null ? 0 : now + expiration.toNanos();
        }
    }

    private record Consumer(MemorySubscription subscription, Address source) {}

    private final MemoryBroker broker;
    private final String name;
    private final boolean isTransient;
    private final TreeMap<Long, Stored> messages = new TreeMap<>();
    private final List<Consumer> consumers = new ArrayList<>();
    private int turn;

    MemoryQueue(MemoryBroker broker, String name, boolean isTransient) {
        this.broker = broker;
        this.name = name;
        this.isTransient = isTransient;
    }

    String name() {
        return name;
    }

    boolean isTransient() {
        return isTransient;
    }

    int size() {
        return messages.size();
    }

    void add(Message message) {
        Stored stored = new Stored(broker.nextId(), message, broker.nanoTime());
        messages.put(stored.id, stored);
        dispatch();
    }

    /** Puts a message back where it was. */
    void putBack(Stored stored) {
        stored.redelivered = true;
        messages.put(stored.id, stored);
    }

    void consume(MemorySubscription subscription, Address source) {
        consumers.add(new Consumer(subscription, source));
        dispatch();
    }

    boolean cancel(MemorySubscription subscription) {
        return consumers.removeIf(consumer -> consumer.subscription == subscription);
    }

    /** Hands messages to consumers in turn, as long as one has room. */
    void dispatch() {
        while (!messages.isEmpty()) {
            Stored first = messages.firstEntry().getValue();
            if (first.canExpire && first.expires - broker.nanoTime() <= 0) {
                messages.remove(first.id);
                continue;
            }
            Consumer next = null;
            for (int i = 0; i < consumers.size() && next == null; i++) {
                Consumer candidate = consumers.get(turn++ % consumers.size());
                next = candidate.subscription.hasRoom() ? candidate : null;
            }
            if (next == null) {
                return;
            }
            messages.remove(first.id);
            next.subscription.hand(this, first, next.source);
        }
    }
}
