package io.virtman.messaging.notify;

import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a listener needs to know; targets and endpoints have no default. Endpoints see a
 * notification in the order they were added; one that fails on it keeps it from those after it. Not
 * for several threads.
 */
public final class NotificationListenerBuilder {
    private static final int UNSETTLED = 64;

    final Transport transport;
    final List<NotificationRoute> routes = new ArrayList<>();
    int concurrency = 8;
    int unsettled;
    int remembered = 10_000;
    int maximumBytes = 16 << 20;
    int batchSize = 1;
    Duration batchWait = Duration.ZERO;
    RequeuePolicy requeue = RequeuePolicy.STANDARD;

    private final List<NotificationTarget> targets = new ArrayList<>();
    private @Nullable String pool;

    NotificationListenerBuilder(Transport transport) {
        this.transport = transport;
        int configured = transport.defaults().unsettled();
        unsettled = configured == 0 ? UNSETTLED : configured;
    }

    /** Listens there too. */
    public NotificationListenerBuilder target(String exchange, String topic) {
        targets.add(new NotificationTarget(exchange, topic));
        return this;
    }

    /**
     * Gets copies through a queue of that name, which all listeners of the pool share, and leaves
     * the service's own queue alone. Somebody else must empty that one: publishers fill it whether
     * or not anyone listens.
     */
    public NotificationListenerBuilder pool(String name) {
        pool = name;
        return this;
    }

    /** All notifications of one priority. */
    public NotificationListenerBuilder on(
            NotificationPriority priority, NotificationEndpoint endpoint) {
        return on(EnumSet.of(priority), NotificationFilter.ALL, endpoint);
    }

    /** Those notifications of some priorities, at least one, that match. */
    public NotificationListenerBuilder on(
            Set<NotificationPriority> priorities,
            NotificationFilter filter,
            NotificationEndpoint endpoint) {
        routes.add(NotificationRoute.single(priorities, filter, endpoint));
        return this;
    }

    /** The same, many at a time: as many as {@link #batch} says. */
    public NotificationListenerBuilder onBatch(
            Set<NotificationPriority> priorities,
            NotificationFilter filter,
            NotificationBatchEndpoint endpoint) {
        routes.add(NotificationRoute.batch(priorities, filter, endpoint));
        return this;
    }

    /**
     * Puts notifications together before endpoints see them. Source: {@code
     * get_batch_notification_listener}.
     *
     * @param size at least 1; at most as many as may be unsettled count
     * @param longestWait for a batch to become full
     */
    public NotificationListenerBuilder batch(int size, Duration longestWait) {
        batchSize = positive(size);
        batchWait = longestWait;
        return this;
    }

    /** How many notifications, or batches, are handled at a time; 1 keeps order, 8 unless given. */
    public NotificationListenerBuilder concurrency(int number) {
        concurrency = positive(number);
        return this;
    }

    /**
     * How many notifications may be held without having been settled; unless given, what the
     * transport's configuration says ({@code rabbit_qos_prefetch_count}), and 64 if it says
     * nothing.
     */
    public NotificationListenerBuilder unsettled(int number) {
        unsettled = positive(number);
        return this;
    }

    /** How many handled notifications are remembered to recognise repeats; 10,000 unless given. */
    public NotificationListenerBuilder remembered(int number) {
        remembered = positive(number);
        return this;
    }

    /** The longest message that is read, in bytes; 16 MiB unless given. */
    public NotificationListenerBuilder maximumBytes(int bytes) {
        maximumBytes = positive(bytes);
        return this;
    }

    /** What becomes of notifications that endpoints fail on; the standard unless given. */
    public NotificationListenerBuilder requeue(RequeuePolicy policy) {
        requeue = policy;
        return this;
    }

    private static int positive(int number) {
        if (number < 1) {
            throw new IllegalArgumentException(number + " is less than 1");
        }
        return number;
    }

    /** A source for each target and each priority that an endpoint is for. */
    List<Address> sources() {
        Set<NotificationPriority> priorities = EnumSet.noneOf(NotificationPriority.class);
        routes.forEach(route -> priorities.addAll(route.priorities()));
        List<Address> sources = new ArrayList<>();
        for (NotificationTarget target : targets) {
            for (NotificationPriority priority : priorities) {
                String suffix = priority.queueSuffix();
                sources.add(
                        pool == null
                                ? new Address.Notification(
                                        target.exchange(), target.topic(), suffix)
                                : new Address.NotificationPool(
                                        target.exchange(), target.topic(), suffix, pool));
            }
        }
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("a listener has a target and an endpoint");
        }
        return sources;
    }

    /**
     * Starts to listen; queues are made if they are not there.
     *
     * @param limit how long to wait for the broker
     * @throws io.virtman.messaging.transport.MessagingException when it cannot be reached in that
     *     time, or refuses
     */
    public NotificationListener start(Duration limit) {
        return new NotificationListener(this, limit);
    }
}
