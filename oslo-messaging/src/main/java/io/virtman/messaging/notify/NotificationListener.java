package io.virtman.messaging.notify;

import static java.lang.System.Logger.Level.ERROR;

import io.virtman.messaging.delivery.BoundedDispatcher;
import io.virtman.messaging.delivery.RateLimitedLog;
import io.virtman.messaging.transport.Delivery;
import io.virtman.messaging.transport.Transport;
import io.virtman.messaging.wire.MessageCodec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Receives notifications and gives them to endpoints until closed. Source: {@code
 * oslo_messaging/notify/listener.py}. Any thread.
 *
 * <p>The broker keeps a notification until the endpoints have returned: at least once. One that
 * comes again although it was handled is recognised by its {@code _unique_id} and acknowledged. One
 * that endpoints fail on comes again as often as the {@link RequeuePolicy} allows and is then
 * dropped. What is no notification is dropped at once. Nothing that comes in ends the listener.
 *
 * <p>Memory is bounded: no more than the unsettled deliveries are held, each no longer than the
 * greatest message, and the ids of so many notifications as are remembered.
 */
public final class NotificationListener {
    private static final System.Logger LOG = System.getLogger(NotificationListener.class.getName());

    private final NotificationCounters counters = new NotificationCounters();
    private final ScheduledThreadPoolExecutor timers;
    private final Requeuer requeuer;
    private final BoundedDispatcher dispatcher;
    private final Backlog backlog;
    private final BatchCollector collector;
    private final Transport.Subscription subscription;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean closing;

    /** Subscribes; {@link NotificationListenerBuilder#start} says the rest. */
    NotificationListener(NotificationListenerBuilder settings, Duration limit) {
        RateLimitedLog log = new RateLimitedLog(LOG, Duration.ofSeconds(60), System::nanoTime);
        timers =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name("notification-timers").factory());
        timers.setRemoveOnCancelPolicy(true);
        requeuer = new Requeuer(settings.requeue, timers);
        dispatcher =
                new BoundedDispatcher(
                        "notification",
                        settings.concurrency,
                        settings.unsettled,
                        failure ->
                                log.log(
                                        ERROR,
                                        "internal",
                                        () -> "not settled: " + failure,
                                        failure));
        backlog = new Backlog(settings.unsettled);
        NotificationProcessor processor =
                new NotificationProcessor(
                        settings.routes,
                        new MessageCodec(settings.maximumBytes),
                        new DeliveryLedger(settings.remembered),
                        counters,
                        requeuer,
                        log);
        collector =
                new BatchCollector(
                        Math.min(settings.batchSize, settings.unsettled),
                        settings.batchWait,
                        timers,
                        batch -> dispatch(processor, batch));
        boolean subscribed = false;
        try {
            subscription =
                    settings.transport.subscribe(
                            settings.sources(), settings.unsettled, this::receive, limit);
            subscribed = true;
        } finally {
            if (!subscribed) {
                timers.shutdownNow();
            }
        }
    }

    /** Starts to describe a listener. */
    public static NotificationListenerBuilder builder(Transport transport) {
        return new NotificationListenerBuilder(transport);
    }

    private void receive(Delivery delivery) {
        if (!closing) { // the end of the subscription gives it back
            collector.add(delivery);
        }
    }

    /** A refused task does no harm: then as many wait as the backlog can have batches. */
    private void dispatch(NotificationProcessor processor, List<Delivery> batch) {
        backlog.add(batch).forEach(stale -> stale.reject(true));
        boolean _ = dispatcher.dispatch(() -> processor.process(backlog.take()));
    }

    /** What it has done so far. */
    public NotificationStatistics statistics() {
        return counters.statistics(dispatcher.running(), backlog.size());
    }

    /**
     * Takes nothing more, waits for the endpoints, and gives back what was not handled. Endpoints
     * still busy when the time is up are interrupted, and what they were busy with is delivered to
     * another listener. May be called by an endpoint, which is not waited for. The transport stays
     * open.
     *
     * @return whether all that had been received was handled in time
     */
    public boolean close(Duration limit) {
        collector.flush();
        closing = true;
        requeuer.close();
        try {
            return dispatcher.drain(limit) == 0;
        } finally {
            timers.shutdownNow();
            if (closed.compareAndSet(false, true)) {
                subscription.close();
            }
        }
    }
}
