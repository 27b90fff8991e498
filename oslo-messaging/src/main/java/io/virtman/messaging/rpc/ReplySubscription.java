package io.virtman.messaging.rpc;

import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.transport.Transport;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The subscription to a client's reply queue: made once, by a thread of its own, so that each call
 * waits for it no longer than its own time-out and nobody waits after the client was closed. Any
 * thread.
 */
final class ReplySubscription implements AutoCloseable {
    private final Function<Duration, Transport.Subscription> subscribe;
    private @Nullable CompletableFuture<Transport.Subscription> ready;
    private @Nullable Thread maker;
    private boolean closed;

    /**
     * Does nothing as yet.
     *
     * @param subscribe subscribes within a time
     */
    ReplySubscription(Function<Duration, Transport.Subscription> subscribe) {
        this.subscribe = subscribe;
    }

    /**
     * Returns once there is a subscription.
     *
     * @param remaining how long to wait still; throws when that is no time
     * @throws MessagingException as {@link Transport#subscribe}
     */
    void ensure(Supplier<Duration> remaining) {
        while (true) {
            Duration limit = remaining.get();
            CompletableFuture<Transport.Subscription> current = current(limit);
            try {
                current.get(limit.toNanos(), TimeUnit.NANOSECONDS);
                return;
            } catch (TimeoutException e) {
                throw new MessagingException.Timeout("the reply queue was not made in time");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new MessagingException("interrupted before anything was sent", e);
            } catch (ExecutionException e) {
                forget(current);
                // it may have failed because a call with less time began it: then once more
                if (!(e.getCause() instanceof MessagingException.Timeout)) {
                    throw unchecked(e);
                }
            }
        }
    }

    private synchronized CompletableFuture<Transport.Subscription> current(Duration limit) {
        if (closed) {
            throw closedException();
        }
        CompletableFuture<Transport.Subscription> current = ready;
        if (current == null) {
            CompletableFuture<Transport.Subscription> made = new CompletableFuture<>();
            ready = made;
            maker =
                    Thread.ofVirtual()
                            .name("rpc-client-reply-queue")
                            .start(() -> make(made, limit));
            current = made;
        }
        return current;
    }

    private void make(CompletableFuture<Transport.Subscription> made, Duration limit) {
        try {
            Transport.Subscription subscription = subscribe.apply(limit);
            if (!made.complete(subscription)) {
                subscription.close();
            }
        } catch (RuntimeException | Error e) {
            made.completeExceptionally(e);
        }
    }

    private synchronized void forget(CompletableFuture<Transport.Subscription> failed) {
        if (ready == failed && !closed) {
            ready = null;
        }
    }

    private static RuntimeException unchecked(ExecutionException e) {
        return e.getCause() instanceof RuntimeException failure
                ? failure
                : new MessagingException("the reply queue could not be made", e);
    }

    private static MessagingException.Closed closedException() {
        return new MessagingException.Closed("the client has been closed");
    }

    /** Fails those who wait. */
    @Override
    public void close() {
        CompletableFuture<Transport.Subscription> last;
        Thread waiting;
        synchronized (this) {
            closed = true;
            last = ready;
            waiting = maker;
        }
        if (last == null) {
            return;
        }
        if (last.completeExceptionally(closedException())) {
            if (waiting != null) {
                waiting.interrupt();
            }
        } else if (!last.isCompletedExceptionally()) {
            last.join().close();
        }
    }
}
