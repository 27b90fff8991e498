package io.virtman.messaging.testing;

import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.transport.Transport;
import io.virtman.messaging.transport.TransportDefaults;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** A transport over a {@link MemoryBroker}, for tests. Sends at once, on the caller's thread. */
public final class MemoryTransport implements Transport {
    private final MemoryBroker broker;
    private final TransportDefaults defaults;
    private final Set<MemorySubscription> subscriptions = new LinkedHashSet<>();
    private boolean closed;

    /** A transport with a broker of its own. */
    public MemoryTransport() {
        this(new MemoryBroker());
    }

    /** One more transport of a broker. */
    public MemoryTransport(MemoryBroker broker) {
        this(broker, TransportDefaults.STANDARD);
    }

    /** The same with a configuration. */
    public MemoryTransport(MemoryBroker broker, TransportDefaults defaults) {
        this.broker = broker;
        this.defaults = defaults;
    }

    /** The broker that it talks to. */
    public MemoryBroker broker() {
        return broker;
    }

    @Override
    public CompletableFuture<Void> send(
            Address to, Message message, Routing routing, Duration limit) {
        if (!limit.isPositive()) {
            throw new IllegalArgumentException("limit must be longer than zero: " + limit);
        }
        synchronized (this) {
            if (closed) {
                return CompletableFuture.failedFuture(
                        new MessagingException.Closed("the transport has been closed"));
            }
        }
        return broker.publish(to, message, routing == Routing.MANDATORY);
    }

    @Override
    public Subscription subscribe(
            List<Address> sources, int unsettled, DeliveryHandler handler, Duration limit) {
        if (sources.isEmpty() || unsettled < 1 || !limit.isPositive()) {
            throw new IllegalArgumentException("no sources, no room or no time");
        }
        MemorySubscription subscription;
        synchronized (this) {
            if (closed) {
                throw new MessagingException.Closed("the transport has been closed");
            }
            subscription = new MemorySubscription(broker, unsettled, handler);
            subscriptions.add(subscription);
        }
        broker.subscribe(subscription, List.copyOf(sources));
        return () -> {
            synchronized (this) {
                subscriptions.remove(subscription);
            }
            subscription.close();
        };
    }

    @Override
    public TransportDefaults defaults() {
        return defaults;
    }

    @Override
    public String newReplyQueue() {
        return "reply_" + UUID.randomUUID().toString().replace("-", "");
    }

    @Override
    public void close() {
        List<MemorySubscription> last;
        synchronized (this) {
            closed = true;
            last = List.copyOf(subscriptions);
            subscriptions.clear();
        }
        last.forEach(MemorySubscription::close);
    }
}
