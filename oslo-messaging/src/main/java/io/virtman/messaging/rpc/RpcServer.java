package io.virtman.messaging.rpc;

import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Delivery;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.transport.Transport;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what others ask for. Source: {@code oslo_messaging/rpc/server.py}. Any thread.
 *
 * <p>Requests are read on one virtual thread and started in the order in which they came, each on a
 * thread of its own and so many at a time: a platform thread, since a method that makes a dozen
 * short blocking calls ends sooner on it. What waits for its turn is unsettled, and of that there
 * is only so much: a flood stays with the broker.
 */
public final class RpcServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RpcServer.class.getName());
    private static final Duration CLOSE = Duration.ofSeconds(10);

    /** How long an interrupted method and its reply get. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private static final ScopedValue<Duration> WAITED = ScopedValue.newInstance();

    private final ServerParts parts;
    private final RequestIntake intake;
    private final int unsettled;
    private final BlockingDeque<Arrival> waiting = new LinkedBlockingDeque<>();
    private final Semaphore free;
    private final ConcurrentMap<RequestExecution, Thread> running = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread intakeThread;
    private Transport.@Nullable Subscription subscription;
    private volatile boolean closing;

    /** What has come, and when by {@link System#nanoTime}. */
    private record Arrival(Delivery delivery, long nanos) {}

    RpcServer(ServerParts parts, Dispatcher dispatcher) {
        this.parts = parts;
        intake = new RequestIntake(parts, dispatcher);
        unsettled = parts.options().unsettled();
        free = new Semaphore(parts.options().concurrency());
        intakeThread = Thread.ofVirtual().name("rpc-server-intake").unstarted(this::takeAll);
    }

    /** Starts to make a server of a transport, which it does not close. */
    public static RpcServerBuilder builder(Transport transport) {
        return new RpcServerBuilder(transport);
    }

    void start(Transport transport, List<Address> sources) {
        intakeThread.start();
        try {
            subscription =
                    transport.subscribe(
                            sources, unsettled, this::deliver, parts.options().startLimit());
        } catch (RuntimeException e) {
            closing = true;
            intakeThread.interrupt();
            parts.timers().close();
            throw e;
        }
    }

    /** On the transport's thread. */
    private void deliver(Delivery delivery) {
        parts.counters().received.increment();
        waiting.addLast(new Arrival(delivery, System.nanoTime()));
        if (waiting.size() > unsettled) {
            // Of one connection no more can be unsettled, so the oldest came by one that was lost,
            // and the broker delivers it again.
            Arrival stale = waiting.pollFirst();
            if (stale != null) {
                stale.delivery().reject(true);
            }
        }
    }

    private void takeAll() {
        try {
            while (!closing) {
                free.acquire();
                boolean started = false;
                try {
                    Arrival arrival = waiting.takeFirst();
                    RequestExecution execution = intake.take(arrival.delivery());
                    if (execution != null) {
                        started = startUnlessClosing(execution, arrival.nanos());
                    }
                } catch (RuntimeException | Error e) {
                    LOG.log(System.Logger.Level.ERROR, "a request was lost", e);
                } finally {
                    if (!started) {
                        free.release();
                    }
                }
            }
        } catch (InterruptedException _) {
            return; // the server ends
        }
    }

    /** Under the lock, so that whoever closes the server sees all that was started. */
    private boolean startUnlessClosing(RequestExecution execution, long arrival) {
        lock.lock();
        try {
            if (closing) {
                return false; // unsettled: it goes back to the broker
            }
            Thread thread =
                    Thread.ofPlatform()
                            .daemon()
                            .name("rpc-server")
                            .unstarted(() -> carryOut(execution, arrival));
            running.put(execution, thread);
            try {
                thread.start();
            } catch (Error e) { // the process may have no more threads
                running.remove(execution);
                execution.giveBack();
                throw e;
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void carryOut(RequestExecution execution, long arrival) {
        try {
            Duration waited = Duration.ofNanos(System.nanoTime() - arrival);
            ScopedValue.where(WAITED, waited).run(execution);
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "a request was lost", e);
        } finally {
            running.remove(execution);
            free.release();
            if (closing) {
                signal();
            }
        }
    }

    private void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * How long the request that this thread carries out has waited for its turn, by which its
     * caller has waited already; zero on any other thread.
     */
    public static Duration waited() {
        return WAITED.orElse(Duration.ZERO);
    }

    /** What it has done so far. */
    public RpcStatistics statistics() {
        return parts.counters().snapshot(running.size(), waiting.size());
    }

    /** The same as {@link #close(Duration)} with 10 s. */
    @Override
    public void close() {
        close(CLOSE);
    }

    /**
     * Ends the server: nothing more is started, what waits goes back to the broker, what runs may
     * finish and is answered. What has not finished in time is interrupted; if it was to be
     * acknowledged after completion it goes back to the broker too. The transport stays open.
     *
     * @param drain how long running methods may take, zero or more; closing takes at most some
     *     seconds longer
     */
    public void close(Duration drain) {
        lock.lock();
        try {
            if (closing) {
                return;
            }
            closing = true;
        } finally {
            lock.unlock();
        }
        intakeThread.interrupt();
        // a method that closes its own server cannot be waited for
        Thread self = Thread.currentThread();
        long deadline = System.nanoTime() + drain.toNanos();
        await(() -> !intakeThread.isAlive(), System.nanoTime() + GRACE.toNanos());
        // Closing the subscription gives back what is unsettled, also what runs: first finish that.
        await(
                () ->
                        running.entrySet().stream()
                                .noneMatch(e -> e.getValue() != self && e.getKey().isUnsettled()),
                deadline);
        running.keySet().stream()
                .filter(RequestExecution::isUnsettled)
                .forEach(RequestExecution::abandon);
        Transport.Subscription last = subscription;
        if (last != null) {
            try {
                last.close();
            } catch (MessagingException e) {
                LOG.log(System.Logger.Level.WARNING, "the subscription did not end well", e);
            }
        }
        await(() -> othersRunning(self) == 0, deadline);
        running.forEach((execution, thread) -> {
            if (thread != self) {
                execution.abandon();
                thread.interrupt();
            }
        });
        long end = Math.max(deadline, System.nanoTime() + GRACE.toNanos());
        await(() -> othersRunning(self) == 0, end);
        await(parts.replies()::isIdle, end);
        long left = othersRunning(self);
        if (left > 0) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    left + " methods do not end, although they were interrupted");
        }
        parts.timers().close();
    }

    private long othersRunning(Thread self) {
        return running.values().stream().filter(thread -> thread != self).count();
    }

    /** Looks again at each change, and now and then. */
    private void await(BooleanSupplier condition, long deadline) {
        lock.lock();
        try {
            while (!condition.getAsBoolean()) {
                long remaining = deadline - System.nanoTime();
                if (remaining <= 0) {
                    return;
                }
                long step = Math.min(remaining, TimeUnit.MILLISECONDS.toNanos(10));
                long _ = changed.awaitNanos(step);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
