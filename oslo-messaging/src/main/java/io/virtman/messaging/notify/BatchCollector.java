package io.virtman.messaging.notify;

import io.virtman.messaging.transport.Delivery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts deliveries together until there are enough or the first has waited long enough. Source:
 * {@code batch_poll_helper} in {@code oslo_messaging/_drivers/base.py}. Any thread.
 */
final class BatchCollector {
    private final int size;
    private final Duration longestWait;
    private final ScheduledExecutorService timers;
    private final Consumer<List<Delivery>> batches;

    private List<Delivery> batch = new ArrayList<>();
    private @Nullable ScheduledFuture<?> timer;

    /**
     * Without deliveries yet.
     *
     * @param batches given each batch, in order, and not to wait
     */
    BatchCollector(
            int size,
            Duration longestWait,
            ScheduledExecutorService timers,
            Consumer<List<Delivery>> batches) {
        this.size = size;
        this.longestWait = longestWait;
        this.timers = timers;
        this.batches = batches;
    }

    synchronized void add(Delivery delivery) {
        batch.add(delivery);
        if (batch.size() >= size) {
            flush();
        } else if (timer == null) {
            try {
                timer = timers.schedule(this::flush, longestWait.toNanos(), TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                flush(); // closing: do not wait
            }
        }
    }

    /** Hands over what there is. */
    synchronized void flush() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        if (!batch.isEmpty()) {
            List<Delivery> full = batch;
            batch = new ArrayList<>();
            batches.accept(full);
        }
    }
}
