package io.virtman.messaging.rpc;

import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.wire.RpcReply;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A call that waits for its reply. Source: {@code ReplyWaiter.wait} in {@code
 * oslo_messaging/_drivers/amqpdriver.py}: the time-out is hard, signs of life extend only the call
 * monitor's. Any thread.
 */
final class PendingCall {
    private final String messageId;
    private final RpcCall call;
    private final Timers timers;
    private final CompletableFuture<RpcReply> reply = new CompletableFuture<>();

    private @Nullable RpcReply partial;
    private Timers.@Nullable Alarm timeoutAlarm;
    private Timers.@Nullable Alarm monitorAlarm;
    private boolean over;

    PendingCall(String messageId, RpcCall call, Timers timers) {
        this.messageId = messageId;
        this.call = call;
        this.timers = timers;
    }

    String messageId() {
        return messageId;
    }

    CompletableFuture<RpcReply> reply() {
        return reply;
    }

    /** Starts the clocks. */
    void start(Duration remaining, Duration timeout) {
        synchronized (this) {
            if (!over) {
                timeoutAlarm = timers.after(remaining, () -> timedOut("no reply in " + timeout));
            }
        }
        monitor();
    }

    private synchronized void monitor() {
        Duration limit = call.callMonitorTimeout();
        if (limit == null || over) {
            return;
        }
        if (monitorAlarm != null) {
            monitorAlarm.cancel();
        }
        monitorAlarm = timers.after(limit, () -> timedOut("no sign of life in " + limit));
    }

    private void timedOut(String what) {
        fail(new MessagingException.Timeout(what + " to " + call + ", message " + messageId));
    }

    /**
     * Takes a reply. Before Newton, servers sent the result in a message that was not the last one.
     */
    void accept(RpcReply received) {
        RpcReply last;
        synchronized (this) {
            boolean says = received.failure() != null || !isNothing(received);
            if (!received.ending()) {
                if (says) {
                    partial = received;
                    return;
                }
                last = null;
            } else {
                last = says || partial == null ? received : partial;
            }
        }
        if (last == null) {
            monitor();
        } else if (reply.complete(last)) {
            end();
        }
    }

    private static boolean isNothing(RpcReply received) {
        return received.result().isNull() || received.result().isMissingNode();
    }

    void fail(Throwable reason) {
        if (reply.completeExceptionally(reason)) {
            end();
        }
    }

    /** Nobody wants the reply any more. */
    void abandon() {
        if (reply.cancel(false)) {
            end();
        }
    }

    private synchronized void end() {
        over = true;
        if (timeoutAlarm != null) {
            timeoutAlarm.cancel();
        }
        if (monitorAlarm != null) {
            monitorAlarm.cancel();
        }
    }
}
