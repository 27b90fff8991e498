package io.virtman.messaging.rabbit;

import com.rabbitmq.client.ShutdownSignalException;
import io.virtman.messaging.config.TransportUrl;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one connection to the broker: makes it when it is first needed and again after every loss.
 * Everything it does, and what its owner asks it to {@link #execute}, happens on its one thread.
 */
final class ConnectionSupervisor {
    private static final System.Logger LOG = System.getLogger(ConnectionSupervisor.class.getName());

    /** A connection that was lost sooner counts as an attempt in vain, or we would spin. */
    private static final long STABLE_NANOS = 5_000_000_000L;

    private final String purpose;
    private final Connector connector;
    private final Hosts hosts;
    private final BackOff backOff;
    private final Counters counters;
    private final Owner owner;
    private final ScheduledThreadPoolExecutor executor;
    private final AtomicBoolean started = new AtomicBoolean();
    private volatile boolean closed;
    private volatile int maximumBody;
    private volatile ConnectionState state = new ConnectionState.Idle();
    private volatile @Nullable Link link;
    private String failure = "";
    private int rounds;
    private long connectedAt;

    /** Who uses the connection. */
    interface Owner {
        /** There is a connection. On the thread of the supervisor. */
        void connected(Link link);

        /** It is gone. On the thread of the supervisor. */
        void lost(Link link, ShutdownSignalException cause);

        /** The broker takes no messages for now, or takes them again. On any thread. */
        void blocked(boolean now);
    }

    ConnectionSupervisor(
            String purpose,
            Connector connector,
            Hosts hosts,
            BackOff backOff,
            Counters counters,
            int maximumBody,
            Owner owner) {
        this.purpose = purpose;
        this.connector = connector;
        this.hosts = hosts;
        this.backOff = backOff;
        this.counters = counters;
        this.maximumBody = maximumBody;
        this.owner = owner;
        executor =
                new ScheduledThreadPoolExecutor(
                        1,
                        Thread.ofPlatform().daemon().name("rabbit " + purpose + " ", 0).factory());
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Connects, if that has not been asked for yet. */
    void start() {
        if (!started.get() && started.compareAndSet(false, true)) {
            execute(this::connect);
        }
    }

    /** Runs something on the thread of the supervisor; does nothing after it was closed. */
    void execute(Runnable task) {
        execute(task, Duration.ZERO);
    }

    /** The same, later. */
    void execute(Runnable task, Duration delay) {
        try {
            Future<?> _ =
                    executor.schedule(() -> guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException _) {
            LOG.log(System.Logger.Level.DEBUG, "{0} is closed already", purpose);
        }
    }

    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "defect in the connection to " + purpose, e);
            Link current = link;
            if (current != null) {
                current.cut();
            }
        }
    }

    ConnectionState state() {
        return state;
    }

    /** The connection there is; null while there is none. */
    @Nullable Link link() {
        Link current = link;
        return current != null && current.open() ? current : null;
    }

    BackOff backOff() {
        return backOff;
    }

    /** From the next connection on. */
    void maximumBody(int bytes) {
        maximumBody = bytes;
    }

    private void connect() {
        if (closed) {
            return;
        }
        TransportUrl.Host host = hosts.next();
        change(new ConnectionState.Connecting(host.toString(), failure));
        Link made;
        try {
            made = connector.open(host, purpose, maximumBody);
        } catch (IOException | TimeoutException | RuntimeException e) {
            failed(host, e);
            return;
        }
        counters.connects.increment();
        connectedAt = System.nanoTime();
        failure = "";
        link = made;
        if (closed) {
            made.cut();
            return;
        }
        change(new ConnectionState.Connected(made.host()));
        LOG.log(System.Logger.Level.INFO, "connected to {0} to {1}", made.host(), purpose);
        made.connection()
                .addBlockedListener(reason -> blocked(made, reason), () -> unblocked(made));
        // called at once if it is lost already
        made.connection().addShutdownListener(cause -> execute(() -> lost(made, cause)));
        owner.connected(made);
    }

    private void failed(TransportUrl.Host host, Exception e) {
        failure = host + ": " + BrokerErrors.describe(e);
        Duration pause = Duration.ZERO;
        if (hosts.roundComplete()) {
            rounds++;
            pause = backOff.pause(rounds);
        }
        again(failure, pause);
    }

    private void lost(Link which, ShutdownSignalException cause) {
        if (which != link) {
            return;
        }
        link = null;
        owner.lost(which, cause);
        if (closed) {
            return;
        }
        boolean intended = cause.isInitiatedByApplication();
        if (!intended) {
            counters.losses.increment();
            failure = which.host() + ": " + BrokerErrors.describe(cause);
        }
        if (intended || BrokerErrors.oversized(cause)) {
            again("connecting anew", Duration.ZERO);
        } else if (System.nanoTime() - connectedAt > STABLE_NANOS) {
            rounds = 0;
            again(failure, backOff.spread());
        } else {
            rounds++;
            again(failure, rounds == 1 ? backOff.spread() : backOff.pause(rounds - 1));
        }
    }

    private void again(String why, Duration pause) {
        if (closed) {
            return;
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "no connection to {0}: {1}; next attempt in {2} ms",
                purpose,
                why,
                Long.toString(pause.toMillis()));
        change(new ConnectionState.Waiting(why));
        execute(this::connect, pause);
    }

    private void blocked(Link which, String reason) {
        owner.blocked(true);
        String clean = BrokerErrors.clean(reason);
        LOG.log(System.Logger.Level.ERROR, "{0} has blocked publishing: {1}", which.host(), clean);
        change(new ConnectionState.Blocked(which.host(), clean));
        counters.blocked.increment();
    }

    private void unblocked(Link which) {
        LOG.log(System.Logger.Level.INFO, "{0} takes messages again", which.host());
        change(new ConnectionState.Connected(which.host()));
        owner.blocked(false);
    }

    private synchronized void change(ConnectionState next) {
        if (!(state instanceof ConnectionState.Closed)) {
            state = next;
        }
    }

    /** Says good-bye and connects again, e.g. for another {@link #maximumBody}. */
    void reconnect() {
        execute(() -> {
            Link current = link;
            if (current != null) {
                current.close();
            }
        });
    }

    /** Ends it. Returns when its thread has ended, or after the time. */
    void close(Duration limit) {
        change(new ConnectionState.Closed());
        closed = true;
        connector.cancel();
        execute(() -> {
            Link current = link;
            if (current != null) {
                current.close();
            }
        });
        executor.shutdown();
        try {
            if (!executor.awaitTermination(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                Link current = link;
                if (current != null) {
                    current.cut();
                }
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
