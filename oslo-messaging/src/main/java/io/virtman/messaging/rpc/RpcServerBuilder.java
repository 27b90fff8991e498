package io.virtman.messaging.rpc;

import com.fasterxml.jackson.databind.node.TextNode;
import io.virtman.messaging.delivery.RateLimitedLog;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.transport.Transport;
import io.virtman.messaging.transport.TransportDefaults;
import io.virtman.messaging.wire.MessageCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes an {@link RpcServer}. One thread at a time. */
public final class RpcServerBuilder {
    /** The longest body that is read without another codec: 16 MiB. */
    static final int MAXIMUM_BYTES = 16 << 20;

    private static final int UNSETTLED = 128;

    /** Of bad input, one line of a kind is logged so often. */
    static final Duration LOG_INTERVAL = Duration.ofMinutes(1);

    /** The queues of a target, as {@code listen} in {@code _drivers/amqpdriver.py} makes them. */
    public enum Queue {
        /** Of the topic: each request goes to one of all servers. */
        SHARED,
        /** Of the topic's one server. */
        SERVER,
        /** A copy of what is sent to all servers of the topic. */
        FANOUT
    }

    private final Transport transport;
    private final Set<Address> sources = new LinkedHashSet<>();
    private final List<RpcEndpoint> endpoints = new ArrayList<>();
    private MessageCodec codec;
    private int concurrency = 64;
    private int unsettled;
    private int rememberedRequests = 10_000;
    private int pendingReplies = 1000;
    private Duration startLimit = Duration.ofSeconds(60);
    private Duration replyRetryInterval = Duration.ofMillis(250);
    private Duration replyRetryBudget;
    private int callJournalRetries = 3;
    private int castJournalRetries = 120;
    private Duration journalRetryDelay = Duration.ofSeconds(1);
    private boolean ping;
    private @Nullable Timers timers;

    RpcServerBuilder(Transport transport) {
        this.transport = transport;
        TransportDefaults defaults = transport.defaults();
        codec = MessageCodec.of(MAXIMUM_BYTES, defaults);
        unsettled = defaults.unsettled() == 0 ? UNSETTLED : defaults.unsettled();
        replyRetryBudget = defaults.replyRetryBudget();
    }

    /** Listens as Python's servers do: shared, as that server, and to fanouts. */
    public RpcServerBuilder listen(Target target) {
        return target.server() == null
                ? listen(target, Queue.SHARED, Queue.FANOUT)
                : listen(target, Queue.SHARED, Queue.SERVER, Queue.FANOUT);
    }

    /**
     * Listens to some of a target's queues. A server that must not take requests for others of its
     * topic leaves the shared one out. Namespace and version are those of the endpoints.
     *
     * @throws IllegalArgumentException when {@code SERVER} is asked for and the target names none
     */
    public RpcServerBuilder listen(Target target, Queue... queues) {
        for (Queue queue : queues) {
            sources.add(address(target, queue));
        }
        return this;
    }

    private static Address address(Target target, Queue queue) {
        return switch (queue) {
            case SHARED -> new Address.Topic(target.exchange(), target.topic());
            case FANOUT -> new Address.Fanout(target.topic());
            case SERVER -> {
                String server = target.server();
                if (server == null) {
                    throw new IllegalArgumentException("the target names no server: " + target);
                }
                yield new Address.Server(target.exchange(), target.topic(), server);
            }
        };
    }

    /** Adds methods; of several endpoints that have one, the first is asked. */
    public RpcServerBuilder endpoint(RpcEndpoint endpoint) {
        endpoints.add(endpoint);
        return this;
    }

    /** Answers {@code oslo_rpc_server_ping} ({@code rpc_ping_enabled}). */
    public RpcServerBuilder ping() {
        ping = true;
        return this;
    }

    /** Methods that run at a time, at least 1; 64 without this, as in Python. */
    public RpcServerBuilder concurrency(int methods) {
        concurrency = atLeastOne(methods);
        return this;
    }

    /**
     * Deliveries that are unsettled at a time, at least 1; without this what the transport's
     * configuration says ({@code rabbit_qos_prefetch_count}), and 128 if it says nothing.
     */
    public RpcServerBuilder unsettled(int deliveries) {
        unsettled = atLeastOne(deliveries);
        return this;
    }

    /** Requests that are remembered to recognise a copy, at least 1; 10,000 without this. */
    public RpcServerBuilder rememberedRequests(int requests) {
        rememberedRequests = atLeastOne(requests);
        return this;
    }

    /** Replies that are being sent at a time, at least 1, and as many retries; 1,000. */
    public RpcServerBuilder pendingReplies(int replies) {
        pendingReplies = atLeastOne(replies);
        return this;
    }

    /** How long to wait for the broker at the start, more than zero; 60 s without this. */
    public RpcServerBuilder startLimit(Duration limit) {
        startLimit = positive(limit);
        return this;
    }

    /**
     * How often and how long a reply is tried whose queue is gone, both more than zero; without
     * this every 250 ms for as long as the transport's configuration says ({@code
     * kombu_missing_consumer_retry_timeout}).
     */
    public RpcServerBuilder replyRetry(Duration interval, Duration budget) {
        replyRetryInterval = positive(interval);
        replyRetryBudget = positive(budget);
        return this;
    }

    /**
     * How often a request goes back to the broker because its journal failed; after that it is
     * lost. Without this, calls three times, since their callers wait, and casts 120 times, which
     * is an hour.
     *
     * @param calls zero or more
     * @param casts zero or more
     * @param delay before the first time; doubled each time, up to 30 s
     */
    public RpcServerBuilder journalRetry(int calls, int casts, Duration delay) {
        if (calls < 0 || casts < 0) {
            throw new IllegalArgumentException("retries must not be negative");
        }
        callJournalRetries = calls;
        castJournalRetries = casts;
        journalRetryDelay = positive(delay);
        return this;
    }

    /**
     * What reads and writes messages; without this, messages of at most 16 MiB, compressed as the
     * transport's configuration says.
     */
    public RpcServerBuilder codec(MessageCodec other) {
        codec = other;
        return this;
    }

    RpcServerBuilder timers(Timers other) {
        timers = other;
        return this;
    }

    private static int atLeastOne(int number) {
        if (number < 1) {
            throw new IllegalArgumentException("must be at least 1: " + number);
        }
        return number;
    }

    private static Duration positive(Duration duration) {
        return RpcCall.checkTimeout(duration);
    }

    /**
     * Starts the server; it receives when this returns.
     *
     * @throws MessagingException when the broker cannot be reached in time or refuses
     * @throws IllegalStateException when there is nothing to listen to
     */
    public RpcServer start() {
        if (sources.isEmpty()) {
            throw new IllegalStateException("there is nothing to listen to");
        }
        List<RpcEndpoint> all = new ArrayList<>(endpoints);
        if (ping) {
            all.add(
                    RpcEndpoint.builder()
                            .method("oslo_rpc_server_ping", _ -> TextNode.valueOf("pong"))
                            .build());
        }
        ServerOptions options =
                new ServerOptions(
                        concurrency,
                        unsettled,
                        rememberedRequests,
                        startLimit,
                        replyRetryInterval,
                        replyRetryBudget,
                        pendingReplies);
        Timers time = timers == null ? new ThreadTimers("rpc-server-timers") : timers;
        ServerCounters counters = new ServerCounters();
        RateLimitedLog log =
                new RateLimitedLog(
                        System.getLogger(RpcServer.class.getName()), LOG_INTERVAL, time::nanoTime);
        ServerParts parts =
                new ServerParts(
                        options,
                        codec,
                        time,
                        counters,
                        log,
                        new DuplicateFilter(rememberedRequests),
                        new JournalRetries(
                                callJournalRetries, castJournalRetries, journalRetryDelay),
                        new ReplySender(transport, time, options, counters, log));
        RpcServer server = new RpcServer(parts, new Dispatcher(all));
        server.start(transport, List.copyOf(sources));
        return server;
    }
}
