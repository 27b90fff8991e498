package io.virtman.messaging.rpc;

import io.virtman.messaging.delivery.RateLimitedLog;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.transport.Transport;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends replies; a queue that is gone is tried again every quarter of a second for a minute, since
 * a broker that came back may not have it yet. Source: {@code AMQPIncomingMessage.reply} in {@code
 * oslo_messaging/_drivers/amqpdriver.py}. Any thread.
 *
 * <p>So many replies are being sent at a time, and no more than that wait to be tried again.
 */
final class ReplySender {
    /** A reply, and for whom. */
    record Reply(String queue, String messageId, Message message, String logText) {}

    private final Transport transport;
    private final Timers timers;
    private final ServerOptions options;
    private final ServerCounters counters;
    private final RateLimitedLog log;
    private final DeadQueues deadQueues;
    private final Semaphore sending;
    private final Semaphore retrying;

    ReplySender(
            Transport transport,
            Timers timers,
            ServerOptions options,
            ServerCounters counters,
            RateLimitedLog log) {
        this.transport = transport;
        this.timers = timers;
        this.options = options;
        this.counters = counters;
        this.log = log;
        deadQueues = new DeadQueues(options.replyRetryBudget(), timers);
        sending = new Semaphore(options.pendingReplies());
        retrying = new Semaphore(options.pendingReplies());
    }

    /** Sends one, waiting for room but not for the broker. */
    void send(Reply reply) {
        long deadline = timers.nanoTime() + options.replyRetryBudget().toNanos();
        try {
            if (sending.tryAcquire(options.replyRetryBudget().toNanos(), TimeUnit.NANOSECONDS)) {
                attempt(reply, deadline);
            } else {
                drop(reply, "too many replies are under way");
            }
        } catch (InterruptedException e) {
            drop(reply, "interrupted");
            Thread.currentThread().interrupt();
        }
    }

    /** Tells a caller that its request is being worked on; not tried again. */
    CompletableFuture<Void> signOfLife(String queue, Message message, Duration limit) {
        if (deadQueues.contains(queue)) {
            return CompletableFuture.failedFuture(
                    new MessagingException.Undeliverable("the reply queue is gone"));
        }
        return publish(queue, message, limit).thenRun(counters.signsOfLife::increment);
    }

    /** Whether nothing is being sent or waits to be. */
    boolean isIdle() {
        return sending.availablePermits() == options.pendingReplies()
                && retrying.availablePermits() == options.pendingReplies();
    }

    /** Runs with one permit of {@code sending}. */
    private void attempt(Reply reply, long deadline) {
        long remaining = deadline - timers.nanoTime();
        if (deadQueues.contains(reply.queue())) {
            sending.release();
            drop(reply, "its queue is gone");
        } else if (remaining <= 0) {
            sending.release();
            drop(reply, "time is up");
        } else {
            CompletableFuture<Void> _ =
                    publish(reply.queue(), reply.message(), Duration.ofNanos(remaining))
                            .whenComplete((_, error) -> decide(reply, deadline, error));
        }
    }

    private CompletableFuture<Void> publish(String queue, Message message, Duration limit) {
        try {
            return transport.send(
                    new Address.Reply(queue), message, Transport.Routing.MANDATORY, limit);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void decide(Reply reply, long deadline, @Nullable Throwable error) {
        Throwable cause = error instanceof CompletionException ? error.getCause() : error;
        try {
            if (cause == null) {
                counters.repliesSent.increment();
            } else if (!(cause instanceof MessagingException.Undeliverable)) {
                drop(reply, cause.toString());
            } else if (deadline - timers.nanoTime() <= options.replyRetryInterval().toNanos()) {
                deadQueues.add(reply.queue());
                drop(reply, "its queue was gone for " + options.replyRetryBudget());
            } else if (!retrying.tryAcquire()) {
                drop(reply, "its queue is gone, and so are many");
            } else {
                timers.after(options.replyRetryInterval(), () -> again(reply, deadline));
            }
        } finally {
            sending.release();
        }
    }

    private void again(Reply reply, long deadline) {
        counters.repliesRetried.increment();
        sending.acquireUninterruptibly(); // each of its holders ends by the deadline of its own
        retrying.release();
        attempt(reply, deadline);
    }

    private void drop(Reply reply, String why) {
        counters.repliesDropped.increment();
        log.log(
                System.Logger.Level.WARNING,
                "reply",
                () ->
                        "reply to "
                                + reply.logText()
                                + ", message "
                                + LogText.of(reply.messageId())
                                + ", dropped: "
                                + LogText.of(why));
    }
}
