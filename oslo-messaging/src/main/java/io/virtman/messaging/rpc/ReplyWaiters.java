package io.virtman.messaging.rpc;

import io.virtman.messaging.delivery.RateLimitedLog;
import io.virtman.messaging.transport.Delivery;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.wire.MalformedMessageException;
import io.virtman.messaging.wire.MessageCodec;
import io.virtman.messaging.wire.RpcReply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The calls that wait, by message id; at most so many. Any thread. */
final class ReplyWaiters {
    private static final System.Logger LOG = System.getLogger(RpcClient.class.getName());

    private final ConcurrentMap<String, PendingCall> pending = new ConcurrentHashMap<>();
    private final Semaphore room;
    private final int maximum;
    private final MessageCodec codec;
    private final RateLimitedLog log;
    private final LongAdder received = new LongAdder();
    private final LongAdder signsOfLife = new LongAdder();
    private final LongAdder unexpected = new LongAdder();
    private final LongAdder malformed = new LongAdder();
    private volatile boolean closed;

    ReplyWaiters(int maximum, MessageCodec codec, Timers timers) {
        this.maximum = maximum;
        this.codec = codec;
        room = new Semaphore(maximum, true);
        log = new RateLimitedLog(LOG, RpcServerBuilder.LOG_INTERVAL, timers::nanoTime);
    }

    /** Waits for room for one more. */
    void reserve(Duration limit) {
        try {
            if (!room.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new MessagingException.Timeout(
                        maximum + " calls were under way for " + limit + ": nothing was sent");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MessagingException("interrupted before anything was sent", e);
        }
    }

    /** Gives a reservation back that no call was added for. */
    void release() {
        room.release();
    }

    /** Adds a call, which has reserved room; it is removed when its reply is decided. */
    void add(PendingCall call) {
        pending.put(call.messageId(), call);
        CompletableFuture<RpcReply> _ =
                call.reply()
                        .whenComplete((_, _) -> {
                            pending.remove(call.messageId());
                            room.release();
                        });
        if (closed) {
            call.fail(new MessagingException.Closed("the client has been closed"));
        }
    }

    int size() {
        return pending.size();
    }

    /** Takes what came by the reply queue; acknowledged at once, as in Python. */
    void deliver(Delivery delivery) {
        delivery.acknowledge();
        RpcReply reply;
        try {
            reply = codec.decodeReply(delivery.message());
        } catch (MalformedMessageException e) {
            failMalformed(e);
            return;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            failMalformed(new MalformedMessageException("unreadable: " + e.getClass(), null));
            return;
        }
        PendingCall call = pending.get(reply.messageId());
        if (call == null) {
            unexpected.increment();
            LOG.log(
                    System.Logger.Level.DEBUG,
                    () -> "nobody waits for the reply to " + LogText.of(reply.messageId()));
            return;
        }
        (reply.ending() ? received : signsOfLife).increment();
        call.accept(reply);
    }

    private void failMalformed(MalformedMessageException e) {
        malformed.increment();
        MalformedMessageException.@Nullable Salvage salvage = e.salvage();
        String messageId = salvage == null ? null : salvage.messageId();
        log.log(
                System.Logger.Level.WARNING,
                "malformed reply",
                () ->
                        "malformed reply to "
                                + LogText.of(messageId)
                                + ": "
                                + LogText.of(e.getMessage()));
        PendingCall call = messageId == null ? null : pending.get(messageId);
        if (call != null) {
            call.fail(e);
        }
    }

    /** Fails all calls, and those to come. */
    void close() {
        closed = true;
        for (PendingCall call : List.copyOf(pending.values())) {
            call.fail(new MessagingException.Closed("the client has been closed"));
        }
    }

    RpcClientStatistics statistics(long calls, long casts) {
        return new RpcClientStatistics(
                calls,
                casts,
                received.sum(),
                signsOfLife.sum(),
                unexpected.sum(),
                malformed.sum(),
                pending.size());
    }
}
