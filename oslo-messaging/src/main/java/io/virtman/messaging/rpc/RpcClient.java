package io.virtman.messaging.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.transport.Transport;
import io.virtman.messaging.wire.MessageCodec;
import io.virtman.messaging.wire.RemoteFailure;
import io.virtman.messaging.wire.RpcReply;
import io.virtman.messaging.wire.RpcRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Calls servers and casts to them. Sources: {@code oslo_messaging/rpc/client.py} and {@code _send},
 * {@code ReplyWaiter} in {@code _drivers/amqpdriver.py}. Any thread.
 *
 * <p>Has one reply queue of its own from its first call on.
 */
public final class RpcClient implements AutoCloseable {
    private static final int UNSETTLED_REPLIES = 256;
    private static final Executor VIRTUAL = Thread::startVirtualThread;

    private final Transport transport;
    private final MessageCodec codec;
    private final Duration timeout;
    private final @Nullable String versionCap;
    private final RemoteExceptionMapper exceptions;
    private final Timers timers;
    private final ReplyWaiters waiters;
    private final String replyQueue;
    private final ReplySubscription subscription;
    private final LongAdder calls = new LongAdder();
    private final LongAdder casts = new LongAdder();
    private volatile boolean closed;

    private RpcClient(Builder builder) {
        transport = builder.transport;
        codec = builder.codec;
        timeout = builder.timeout;
        versionCap = builder.versionCap;
        exceptions = builder.exceptions;
        timers = builder.timers == null ? new ThreadTimers("rpc-client") : builder.timers;
        waiters = new ReplyWaiters(builder.maximumOutstanding, codec, timers);
        replyQueue = transport.newReplyQueue();
        subscription =
                new ReplySubscription(limit ->
                        transport.subscribe(
                                List.of(new Address.Reply(replyQueue)),
                                UNSETTLED_REPLIES,
                                waiters::deliver,
                                limit));
    }

    /** Starts to make a client of a transport, which it does not close. */
    public static Builder builder(Transport transport) {
        return new Builder(transport);
    }

    /**
     * Calls a server and waits for what it returns, JSON null for nothing.
     *
     * @throws RemoteException when the server's method failed, or the exception that {@link
     *     Builder#exceptions} has for it
     * @throws MessagingException.Timeout when no reply, or no sign of life that was asked for, came
     *     in time; the server may have done the work
     * @throws MessagingException.Undeliverable when the call is mandatory and nobody listens
     * @throws VersionCapException when the target's version is newer than the cap
     * @throws MessagingException when sending failed, the reply was malformed, the client is closed
     *     or the thread was interrupted
     * @throws IllegalArgumentException for a fanout, which cannot be called
     */
    public JsonNode call(Target target, RpcCall call) {
        PendingCall pending = start(target, call);
        try {
            return result(pending.reply().get());
        } catch (InterruptedException e) {
            pending.abandon();
            Thread.currentThread().interrupt();
            throw new MessagingException("interrupted while waiting for " + call, e);
        } catch (ExecutionException e) {
            throw asUnchecked(e.getCause());
        }
    }

    /**
     * The same without waiting for the reply; it waits only for room, within the time-out, and for
     * the reply queue at the first call. Cancelling the future forgets the call; the server is not
     * told. Completed on a virtual thread, so that what depends on it may block.
     *
     * @return fails with what {@link #call} throws
     * @throws IllegalArgumentException for a fanout
     */
    public CompletableFuture<JsonNode> callAsync(Target target, RpcCall call) {
        PendingCall pending;
        try {
            pending = start(target, call);
        } catch (MessagingException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<JsonNode> result = pending.reply().thenApplyAsync(this::result, VIRTUAL);
        CompletableFuture<JsonNode> returned = new CompletableFuture<>();
        CompletableFuture<JsonNode> _ =
                result.whenComplete((value, error) -> {
                    if (error == null) {
                        returned.complete(value);
                    } else {
                        returned.completeExceptionally(cause(error));
                    }
                });
        CompletableFuture<JsonNode> _ = returned.whenComplete((_, _) -> pending.abandon());
        return returned;
    }

    /**
     * Sends a request that nobody answers, and returns when the broker has it; to all servers when
     * the target is a fanout. It never expires. A cast that no queue gets is lost in silence unless
     * the call is mandatory.
     *
     * @throws MessagingException as for {@link #call}
     */
    public void cast(Target target, RpcCall call) {
        try {
            sendCast(target, call).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MessagingException("interrupted while sending " + call, e);
        } catch (ExecutionException e) {
            throw asUnchecked(e.getCause());
        }
    }

    /** The same without waiting for the broker; completed on a virtual thread. */
    public CompletableFuture<Void> castAsync(Target target, RpcCall call) {
        try {
            return sendCast(target, call).thenRunAsync(() -> {}, VIRTUAL);
        } catch (MessagingException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Whether the cap allows to send that version. */
    public boolean canSendVersion(String version) {
        return versionCap == null || Versions.compatible(versionCap, version);
    }

    /** What it has done so far. */
    public RpcClientStatistics statistics() {
        return waiters.statistics(calls.sum(), casts.sum());
    }

    /** Fails the calls that wait with {@link MessagingException.Closed}. */
    @Override
    public void close() {
        closed = true;
        waiters.close();
        timers.close();
        subscription.close();
    }

    private CompletableFuture<Void> sendCast(Target target, RpcCall call) {
        checkSendable(target);
        Message message = codec.encode(request(target, call, null), null);
        casts.increment();
        return transport.send(target.address(), message, call.routing(), limit(call));
    }

    private PendingCall start(Target target, RpcCall call) {
        if (target.fanout()) {
            throw new IllegalArgumentException("a fanout cannot be called: " + target);
        }
        checkSendable(target);
        Duration limit = limit(call);
        long deadline = timers.nanoTime() + limit.toNanos();
        waiters.reserve(limit);
        PendingCall pending = new PendingCall(MessageIds.fresh(), call, timers);
        boolean added = false;
        try {
            subscription.ensure(() -> remaining(deadline));
            Message message = codec.encode(request(target, call, pending.messageId()), limit);
            Duration remaining = remaining(deadline);
            waiters.add(pending);
            added = true;
            pending.start(remaining, limit);
            calls.increment();
            CompletableFuture<Void> _ =
                    transport
                            .send(target.address(), message, call.routing(), remaining)
                            .whenComplete((_, error) -> {
                                if (error != null) {
                                    pending.fail(cause(error));
                                }
                            });
            return pending;
        } catch (RuntimeException e) {
            if (added) {
                pending.fail(e);
            } else {
                waiters.release();
            }
            throw e;
        }
    }

    private Duration limit(RpcCall call) {
        Duration own = call.timeout();
        return own == null ? timeout : own;
    }

    private Duration remaining(long deadline) {
        long nanos = deadline - timers.nanoTime();
        if (nanos <= 0) {
            throw new MessagingException.Timeout("no time was left to send the call");
        }
        return Duration.ofNanos(nanos);
    }

    private void checkSendable(Target target) {
        if (closed) {
            throw new MessagingException.Closed("the client has been closed");
        }
        if (versionCap != null && !Versions.compatible(versionCap, target.version())) {
            throw new VersionCapException(target.version(), versionCap);
        }
    }

    private RpcRequest request(Target target, RpcCall call, @Nullable String messageId) {
        Duration monitor = call.callMonitorTimeout();
        return new RpcRequest(
                call.method(),
                call.args(),
                target.version(),
                target.namespace(),
                call.context(),
                MessageIds.fresh(),
                messageId == null
                        ? null
                        : new RpcRequest.ReplyTo(
                                messageId,
                                replyQueue,
                                monitor == null ? null : Math.toIntExact(monitor.toSeconds())));
    }

    private JsonNode result(RpcReply reply) {
        RemoteFailure failure = reply.failure();
        if (failure != null) {
            throw exceptions.toException(failure);
        }
        return reply.result().isMissingNode() ? NullNode.getInstance() : reply.result();
    }

    private static Throwable cause(Throwable error) {
        Throwable cause = error.getCause();
        return error instanceof java.util.concurrent.CompletionException && cause != null
                ? cause
                : error;
    }

    private static RuntimeException asUnchecked(@Nullable Throwable error) {
        return switch (error) {
            case CancellationException e -> new MessagingException("cancelled", e);
            case RuntimeException e -> e;
            case Error e -> throw e;
            case null -> new MessagingException("failed for no reason");
            default -> new MessagingException("sending failed", error);
        };
    }

    /** Makes a client. One thread at a time. */
    public static final class Builder {
        private final Transport transport;
        private MessageCodec codec;
        private Duration timeout = Duration.ofSeconds(60);
        private @Nullable String versionCap;
        private int maximumOutstanding = 1000;
        private RemoteExceptionMapper exceptions = RemoteExceptionMapper.none();
        private @Nullable Timers timers;

        private Builder(Transport transport) {
            this.transport = transport;
            codec = MessageCodec.of(RpcServerBuilder.MAXIMUM_BYTES, transport.defaults());
        }

        /** For calls and casts without one of their own; 60 s ({@code rpc_response_timeout}). */
        public Builder timeout(Duration limit) {
            timeout = RpcCall.checkTimeout(limit);
            return this;
        }

        /** The newest version of the interface that may be sent; no cap without this. */
        public Builder versionCap(String version) {
            versionCap = Versions.check(version);
            return this;
        }

        /** How many calls may wait for replies at a time, at least 1; 1,000 without this. */
        public Builder maximumOutstanding(int calls) {
            if (calls < 1) {
                throw new IllegalArgumentException("at least one call must be allowed");
            }
            maximumOutstanding = calls;
            return this;
        }

        /** Exceptions of the program's own for those of servers. */
        public Builder exceptions(RemoteExceptionMapper mapper) {
            exceptions = mapper;
            return this;
        }

        /**
         * What reads and writes messages; without this, messages of at most 16 MiB, compressed as
         * the transport's configuration says.
         */
        public Builder codec(MessageCodec other) {
            codec = other;
            return this;
        }

        Builder timers(Timers other) {
            timers = other;
            return this;
        }

        /** The client. It does nothing before the first call or cast. */
        public RpcClient build() {
            return new RpcClient(this);
        }
    }
}
