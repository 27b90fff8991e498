package io.virtman.messaging.rpc;

import com.fasterxml.jackson.databind.node.NullNode;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.wire.MessageCodec;
import io.virtman.messaging.wire.RpcReply;
import io.virtman.messaging.wire.RpcRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Signs of life for a caller that asked for them: every half of its time-out a reply that is not
 * the last one. Source: {@code RPCDispatcher._watchdog} in {@code oslo_messaging/rpc/dispatcher.py}
 * (an interval under one second is not served). A caller that did not ask dies of one. Any thread.
 */
final class Heartbeat {
    private static final int SHORTEST = 2;

    private final RpcRequest.ReplyTo caller;
    private final MessageCodec codec;
    private final ReplySender sender;
    private final Timers timers;
    private final Duration interval;
    private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
    private Timers.@Nullable Alarm alarm;
    private boolean stopped;

    private Heartbeat(
            RpcRequest.ReplyTo caller,
            int seconds,
            MessageCodec codec,
            ReplySender sender,
            Timers timers) {
        this.caller = caller;
        this.codec = codec;
        this.sender = sender;
        this.timers = timers;
        interval = Duration.ofMillis(seconds * 500L);
    }

    /** Starts one if it is asked for. */
    static @Nullable Heartbeat start(
            RpcRequest.@Nullable ReplyTo caller,
            MessageCodec codec,
            ReplySender sender,
            Timers timers) {
        Integer seconds = caller == null ? null : caller.monitorSeconds();
        if (caller == null || seconds == null || seconds < SHORTEST) {
            return null;
        }
        Heartbeat heartbeat = new Heartbeat(caller, seconds, codec, sender, timers);
        heartbeat.arm();
        return heartbeat;
    }

    private synchronized void arm() {
        if (!stopped) {
            alarm = timers.after(interval, this::beat);
        }
    }

    /** Sends without holding the monitor: sending may wait for room, at most for the interval. */
    private void beat() {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        synchronized (this) {
            if (stopped) {
                return;
            }
            last = sent;
        }
        Message message =
                codec.encode(
                        new RpcReply(
                                caller.messageId(),
                                NullNode.getInstance(),
                                null,
                                false,
                                MessageIds.fresh()));
        CompletableFuture<Void> _ =
                sender.signOfLife(caller.queue(), message, interval)
                        .whenComplete((_, failure) -> {
                            sent.complete(null);
                            // When it fails, the caller or the broker is gone: only the result is
                            // tried again.
                            if (failure == null) {
                                arm();
                            }
                        });
    }

    /** Ends it; the last one is with the broker when this returns, or lost. */
    void stop() {
        CompletableFuture<Void> underWay;
        synchronized (this) {
            stopped = true;
            if (alarm != null) {
                alarm.cancel();
            }
            underWay = last;
        }
        try {
            underWay.get(interval.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException _) {
            return; // its time was over before ours
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
