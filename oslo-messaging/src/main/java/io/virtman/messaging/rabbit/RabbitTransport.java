package io.virtman.messaging.rabbit;

import io.virtman.messaging.config.QueueNames;
import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.TransportUrl;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.transport.Transport;
import io.virtman.messaging.transport.TransportDefaults;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Messages over RabbitMQ, as the driver {@code rabbit} of oslo.messaging sends and receives them
 * ({@code oslo_messaging/_drivers/impl_rabbit.py}).
 *
 * <p>It has two connections, one to publish and one to receive, so that an alarm of the broker,
 * which stops what publishes, does not stop the other. Each is made when it is first needed and,
 * whatever happens, made again until {@link #close}. Nothing is lost that the broker has confirmed
 * and keeps; what was not confirmed is published again.
 */
public final class RabbitTransport implements Transport {
    private static final int REMEMBERED_ROUTES = 1000;

    private final Counters counters = new Counters();
    private final RabbitTopology topology;
    private final QueueNames names;
    private final TransportDefaults defaults;
    private final Map<Address, RabbitTopology.Route> routes = new ConcurrentHashMap<>();
    private final ExecutorService virtual =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("rabbit ", 0).factory());
    private final Publisher publisher;
    private final Receiving receiving;
    private final ConnectionSupervisor toPublish;
    private final ConnectionSupervisor toReceive;
    private final Duration closeTimeout;
    private final AtomicBoolean closed = new AtomicBoolean();

    private RabbitTransport(
            TransportUrl url,
            RabbitOptions options,
            RabbitSettings settings,
            @Nullable SSLContext tls) {
        SecureRandom random = new SecureRandom();
        Mismatches mismatches = new Mismatches(counters);
        BackOff backOff = new BackOff(options.reconnect(), random);
        Room room = new Room(settings.inFlight(), settings.inFlightBytes());
        names = options.queueNames();
        topology = new RabbitTopology(options.queues(), names);
        defaults =
                new TransportDefaults(
                        options.prefetch(), options.compression(), options.missingConsumer());
        closeTimeout = settings.closeTimeout();
        publisher = new Publisher(counters, mismatches, room, virtual);
        receiving = new Receiving(counters, mismatches, settings);
        toPublish =
                new ConnectionSupervisor(
                        "publish",
                        new Connector(url, options, settings, tls, virtual),
                        new Hosts(url.hosts(), options.reconnect().failover(), random),
                        backOff,
                        counters,
                        // nothing comes but our own messages, when no queue gets them
                        RabbitSettings.LARGEST_BODY,
                        publisher);
        toReceive =
                new ConnectionSupervisor(
                        "receive",
                        new Connector(url, options, settings, tls, virtual),
                        new Hosts(url.hosts(), options.reconnect().failover(), random),
                        backOff,
                        counters,
                        settings.maximumBody(),
                        receiving);
        publisher.supervisedBy(toPublish);
        receiving.supervisedBy(toReceive);
    }

    /**
     * A transport to that broker. Connects when it is first used, so that this succeeds even if
     * there is no broker.
     *
     * @throws io.virtman.messaging.config.ConfigurationException when the files for TLS are no good
     */
    public static RabbitTransport open(
            TransportUrl url, RabbitOptions options, RabbitSettings settings) {
        SSLContext tls = options.tls().enabled() ? TlsContexts.of(options.tls()) : null;
        return new RabbitTransport(url, options, settings, tls);
    }

    @Override
    public CompletableFuture<Void> send(
            Address to, Message message, Routing routing, Duration limit) {
        if (!limit.isPositive()) {
            throw new IllegalArgumentException("limit: " + limit);
        }
        if (closed.get()) {
            return CompletableFuture.failedFuture(closed());
        }
        return publisher.send(route(to), message, routing == Routing.MANDATORY, limit);
    }

    private RabbitTopology.Route route(Address to) {
        if (to instanceof Address.Reply) {
            // every caller has its own
            return topology.route(to);
        }
        RabbitTopology.Route known = routes.get(to);
        if (known == null) {
            known = topology.route(to);
            if (routes.size() < REMEMBERED_ROUTES) {
                routes.put(to, known);
            }
        }
        return known;
    }

    /**
     * {@inheritDoc}
     *
     * <p>At most 900 messages are held for one subscription, whatever is asked for. Fanout queues
     * are deleted when the subscription is closed, reply queues expire.
     */
    @Override
    public Subscription subscribe(
            List<Address> sources, int unsettled, DeliveryHandler handler, Duration limit) {
        if (sources.isEmpty() || unsettled < 1 || !limit.isPositive()) {
            throw new IllegalArgumentException("no sources, no unsettled or no limit");
        }
        if (closed.get()) {
            throw closed();
        }
        RabbitSubscription subscription =
                new RabbitSubscription(
                        receiving,
                        sources.stream().map(topology::source).toList(),
                        unsettled,
                        handler);
        receiving.add(subscription);
        subscription.await(limit);
        return subscription;
    }

    @Override
    public TransportDefaults defaults() {
        return defaults;
    }

    /** {@inheritDoc} The same after a restart if the names of queues are numbered. */
    @Override
    public String newReplyQueue() {
        return "reply_" + names.next();
    }

    /** What it has done, for metrics and to look for leaks. Any thread. */
    public RabbitStatistics statistics() {
        return counters.snapshot(publisher.inFlight(), receiving.size());
    }

    private static MessagingException.Closed closed() {
        return new MessagingException.Closed("the transport is closed");
    }

    /** {@inheritDoc} Takes no longer than some times the close time-out. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        receiving.close();
        publisher.close();
        toPublish.close(closeTimeout.dividedBy(3));
        toReceive.close(closeTimeout.dividedBy(3));
        // whoever was stuck writing is not any more
        publisher.close();
        virtual.shutdown();
    }
}
