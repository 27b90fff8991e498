package io.virtman.messaging.notify;

import io.virtman.messaging.transport.Delivery;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Gives deliveries back to the broker, after a pause. Meanwhile they stay unsettled, so that there
 * are never more of them than the subscription allows. Any thread.
 */
final class Requeuer {
    private final RequeuePolicy policy;
    private final ScheduledExecutorService timers;
    private volatile boolean closing;

    Requeuer(RequeuePolicy policy, ScheduledExecutorService timers) {
        this.policy = policy;
        this.timers = timers;
    }

    /** From now on they are left to the end of the subscription, which gives all of them back. */
    void close() {
        closing = true;
    }

    /** False when there were enough attempts: nothing is done then. */
    boolean requeue(List<Delivery> deliveries, int attempts) {
        if (closing) {
            return true;
        }
        if (attempts >= policy.attempts()) {
            return false;
        }
        try {
            ScheduledFuture<?> _ =
                    timers.schedule(
                            () -> deliveries.forEach(delivery -> delivery.reject(true)),
                            policy.pause(attempts).toNanos(),
                            TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            return true; // closing
        }
        return true;
    }
}
