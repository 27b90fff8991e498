package io.virtman.messaging.testing;

import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.MessagingException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A message broker in this process, for tests: queues, bindings, expiration, redelivery as RabbitMQ
 * has them. Several {@link MemoryTransport}s may share one. Any thread; one lock for all of it.
 */
public final class MemoryBroker {
    /** Decides about what is sent before the broker does; null lets the broker decide. */
    @FunctionalInterface
    public interface Interceptor
            extends BiFunction<Address, Message, @Nullable CompletableFuture<Void>> {}

    private record Route(String exchange, String key) {}

    private final LongSupplier nanoTime;
    private final Map<String, MemoryQueue> queues = new LinkedHashMap<>();
    private final Map<Route, Set<String>> bindings = new LinkedHashMap<>();
    private final Set<MemorySubscription> subscriptions = new LinkedHashSet<>();
    private volatile Interceptor interceptor = (_, _) -> null;
    private long lastId;

    /** A broker whose messages expire by the real time. */
    public MemoryBroker() {
        this(System::nanoTime);
    }

    /** A broker whose messages expire by that clock. */
    public MemoryBroker(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Sees all that is sent from now on, and may answer for the broker. */
    public void intercept(Interceptor next) {
        interceptor = next;
    }

    /** Loses all connections: what is unsettled is delivered again, subscriptions go on. */
    public synchronized void dropConnections() {
        subscriptions.forEach(MemorySubscription::loseDeliveries);
        dispatchAll();
    }

    synchronized void dispatchAll() {
        queues.values().forEach(MemoryQueue::dispatch);
    }

    /** Messages in a queue that nobody has, by the queue's AMQP name; -1 when there is none. */
    public synchronized int ready(String queue) {
        MemoryQueue found = queues.get(queue);
        return found == null ? -1 : found.size();
    }

    /** Deletes a queue and what is in it. */
    public synchronized void delete(String queue) {
        queues.remove(queue);
        bindings.values().forEach(names -> names.remove(queue));
    }

    long nanoTime() {
        return nanoTime.getAsLong();
    }

    long nextId() {
        return ++lastId;
    }

    CompletableFuture<Void> publish(Address to, Message message, boolean mandatory) {
        CompletableFuture<Void> answer = interceptor.apply(to, message);
        if (answer != null) {
            return answer;
        }
        synchronized (this) {
            List<MemoryQueue> targets = route(to);
            if (targets.isEmpty() && mandatory) {
                return CompletableFuture.failedFuture(
                        new MessagingException.Undeliverable("no queue for " + to));
            }
            for (MemoryQueue queue : targets) {
                queue.add(
                        new Message(
                                message.body().clone(),
                                message.contentType(),
                                message.contentEncoding(),
                                message.compression(),
                                message.expiration()));
            }
            return CompletableFuture.completedFuture(null);
        }
    }

    private List<MemoryQueue> route(Address to) {
        if (to instanceof Address.Notification notification) {
            queue(notification, 0); // the publisher declares it
        }
        if (to instanceof Address.Reply(String name)) {
            MemoryQueue queue = queues.get(name);
            return queue == null ? List.of() : List.of(queue);
        }
        List<MemoryQueue> targets = new ArrayList<>();
        for (String name : bindings.getOrDefault(routeOf(to), Set.of())) {
            MemoryQueue queue = queues.get(name);
            if (queue != null) {
                targets.add(queue);
            }
        }
        return targets;
    }

    synchronized void subscribe(MemorySubscription subscription, List<Address> sources) {
        subscriptions.add(subscription);
        for (Address source : sources) {
            queue(source, nextId()).consume(subscription, source);
        }
    }

    synchronized void unsubscribe(MemorySubscription subscription) {
        if (!subscriptions.remove(subscription)) {
            return;
        }
        subscription.loseDeliveries();
        for (MemoryQueue queue : List.copyOf(queues.values())) {
            if (queue.cancel(subscription) && queue.isTransient()) {
                delete(queue.name());
            }
        }
        dispatchAll();
    }

    /** The queue of a source, made and bound if it is not there. */
    private MemoryQueue queue(Address source, long id) {
        String name =
                switch (source) {
                    case Address.Topic(_, String topic) -> topic;
                    case Address.Server(_, String topic, String server) -> topic + "." + server;
                    case Address.Fanout(String topic) -> topic + "_fanout_" + id;
                    case Address.Reply(String queue) -> queue;
                    case Address.Notification(_, String topic, String priority) ->
                            topic + "." + priority;
                    case Address.NotificationPool pool -> pool.pool();
                };
        boolean isTransient = source instanceof Address.Fanout || source instanceof Address.Reply;
        bindings.computeIfAbsent(routeOf(source), _ -> new LinkedHashSet<>()).add(name);
        return queues.computeIfAbsent(name, _ -> new MemoryQueue(this, name, isTransient));
    }

    private static Route routeOf(Address address) {
        return switch (address) {
            case Address.Topic(String exchange, String topic) -> new Route(exchange, topic);
            case Address.Server(String exchange, String topic, String server) ->
                    new Route(exchange, topic + "." + server);
            case Address.Fanout(String topic) -> new Route(topic + "_fanout", "");
            case Address.Reply(String queue) -> new Route("", queue);
            case Address.Notification(String exchange, String topic, String priority) ->
                    new Route(exchange, topic + "." + priority);
            case Address.NotificationPool(String exchange, String topic, String priority, _) ->
                    new Route(exchange, topic + "." + priority);
        };
    }
}
