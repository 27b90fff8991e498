package io.virtman.messaging.rabbit;

import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.MessagingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The messages whose outcome is not known: bounded, each with its deadline, each finished once.
 * Whoever waits is told on a virtual thread, so that it may block there, or even send. Any thread.
 */
final class Outstanding {
    private final Counters counters;
    private final Room room;
    private final Executor completions;
    private final Supplier<String> why;
    private final Deadlines deadlines;

    /**
     * @param why what keeps messages from being confirmed, for those whose time is over
     * @param check called now and then while there are messages; must not wait
     */
    Outstanding(
            Counters counters,
            Room room,
            Executor completions,
            Supplier<String> why,
            Runnable check) {
        this.counters = counters;
        this.room = room;
        this.completions = completions;
        this.why = why;
        this.deadlines = new Deadlines(this::expire, check);
    }

    /** A message that has room, waiting for that as long as its limit; or one that has failed. */
    Pending admit(RabbitTopology.Route route, Message message, boolean mandatory, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        int cost = room.cost(message.body().length);
        Pending pending = new Pending(route, message, mandatory, deadline, limit.toMillis(), cost);
        MessagingException failure = null;
        try {
            if (room.enter(cost, deadline)) {
                deadlines.add(pending);
            } else {
                counters.timedOut.increment();
                failure = timeout(pending, "no room for it; " + why.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = new MessagingException("interrupted", e);
        }
        if (failure != null) {
            pending.finished.set(true);
            pending.future.completeExceptionally(failure);
        }
        return pending;
    }

    /** The broker has these now, or has told before that no queue gets them. */
    void confirm(List<Pending> messages) {
        List<Pending> done = new ArrayList<>(messages.size());
        for (Pending pending : messages) {
            if (release(pending)) {
                done.add(pending);
                (pending.returned ? counters.returned : counters.confirmed).increment();
            }
        }
        if (!done.isEmpty()) {
            later(() -> done.forEach(Outstanding::complete));
        }
    }

    private static void complete(Pending pending) {
        if (pending.returned) {
            pending.future.completeExceptionally(
                    new MessagingException.Undeliverable(pending + ": no queue gets it"));
        } else {
            pending.future.complete(null);
        }
    }

    /** It is given up. */
    void fail(Pending pending, MessagingException failure) {
        if (release(pending)) {
            later(() -> pending.future.completeExceptionally(failure));
        }
    }

    /** Its time is over. */
    void expire(Pending pending) {
        if (release(pending)) {
            counters.timedOut.increment();
            MessagingException failure = timeout(pending, why.get());
            later(() -> pending.future.completeExceptionally(failure));
        }
    }

    private static MessagingException.Timeout timeout(Pending pending, String reason) {
        return new MessagingException.Timeout(
                "%s: not confirmed in %d ms: %s".formatted(pending, pending.limitMillis, reason));
    }

    /** True for one caller only. */
    private boolean release(Pending pending) {
        if (!pending.finished.compareAndSet(false, true)) {
            return false;
        }
        deadlines.remove(pending);
        @Nullable PublishChannel channel = pending.channel;
        if (channel != null) {
            channel.forget(pending);
        }
        room.leave(pending.cost);
        return true;
    }

    private void later(Runnable task) {
        try {
            completions.execute(task);
        } catch (RejectedExecutionException _) {
            task.run();
        }
    }

    int size() {
        return room.used();
    }

    /** Fails all there are. */
    void close(MessagingException failure) {
        deadlines.close().forEach(pending -> fail(pending, failure));
    }
}
