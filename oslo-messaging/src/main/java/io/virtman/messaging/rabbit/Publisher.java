package io.virtman.messaging.rabbit;

import com.rabbitmq.client.ShutdownSignalException;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.MessagingException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Publishes messages and keeps each until the broker has confirmed it, publishing it again after
 * its channel or connection was lost, until its time is over.
 *
 * <p>Senders write to the connection themselves, under one lock, if nothing is in the way.
 * Otherwise the message waits, and the thread of the supervisor writes it: after it has connected,
 * declared what must be there, or the broker has lifted its alarm. What is finished is told on
 * virtual threads, so that whoever is told may even send.
 */
final class Publisher implements ConnectionSupervisor.Owner, PublishChannel.Outcome {
    private static final System.Logger LOG = System.getLogger(Publisher.class.getName());

    /** How long one write may take before the connection is given up. */
    private static final long STUCK_NANOS = 20_000_000_000L;

    private static final Duration AGAIN_AFTER_NACK = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private final Counters counters;
    private final Mismatches mismatches;
    private final Outstanding outstanding;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Pending> waiting = new ArrayDeque<>();
    private @Nullable PublishChannel current;
    private boolean closed;
    private volatile boolean blocked;
    private volatile long writing;
    private final AtomicInteger channelErrors = new AtomicInteger();
    private @Nullable ConnectionSupervisor supervisor;

    Publisher(Counters counters, Mismatches mismatches, Room room, Executor completions) {
        this.counters = counters;
        this.mismatches = mismatches;
        outstanding =
                new Outstanding(
                        counters,
                        room,
                        completions,
                        () -> supervisor().state().describe(),
                        this::check);
    }

    /** Before the first message. */
    void supervisedBy(ConnectionSupervisor by) {
        supervisor = by;
    }

    private ConnectionSupervisor supervisor() {
        if (supervisor == null) {
            throw new IllegalStateException("no supervisor yet");
        }
        return supervisor;
    }

    /** See {@link io.virtman.messaging.transport.Transport#send}. */
    CompletableFuture<Void> send(
            RabbitTopology.Route route, Message message, boolean mandatory, Duration limit) {
        Pending pending = outstanding.admit(route, message, mandatory, limit);
        if (!pending.finished.get()) {
            supervisor().start();
            submit(pending);
        }
        return pending.future;
    }

    private void submit(Pending pending) {
        boolean locked;
        try {
            locked =
                    lock.tryLock()
                            || lock.tryLock(
                                    pending.deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            outstanding.fail(pending, new MessagingException("interrupted", e));
            return;
        }
        if (!locked) {
            outstanding.expire(pending);
            return;
        }
        boolean flush = false;
        try {
            PublishChannel channel = current;
            if (closed) {
                outstanding.fail(pending, closed());
            } else if (channel != null
                    && !blocked
                    && waiting.isEmpty()
                    && channel.isDeclared(pending.route)) {
                write(channel, pending);
            } else {
                waiting.add(pending);
                flush = channel != null;
            }
        } finally {
            lock.unlock();
        }
        if (flush) {
            supervisor().execute(this::flush);
        }
    }

    /** Under the lock. */
    private void write(PublishChannel channel, Pending pending) {
        pending.attempts++;
        counters.published.increment();
        if (pending.attempts > 1) {
            counters.republished.increment();
        }
        writing = System.nanoTime();
        try {
            channel.write(pending);
        } catch (IOException e) {
            // it is published again when the channel has been found to be closed; see to that
            LOG.log(System.Logger.Level.DEBUG, "writing to " + channel.link.host(), e);
            if (channel.channel().isOpen()) {
                channel.link.cut();
            }
        } finally {
            writing = 0;
        }
    }

    /** Writes what waits. On the thread of the supervisor. */
    private void flush() {
        while (true) {
            PublishChannel channel;
            Pending next;
            lock.lock();
            try {
                channel = current;
                next = waiting.peekFirst();
                if (channel == null || blocked || next == null) {
                    return;
                }
                if (next.finished.get()) {
                    waiting.pollFirst();
                    continue;
                }
                if (channel.isDeclared(next.route)) {
                    waiting.pollFirst();
                    write(channel, next);
                    continue;
                }
            } finally {
                lock.unlock();
            }
            if (!declare(channel, next.route)) {
                return;
            }
        }
    }

    private boolean declare(PublishChannel channel, RabbitTopology.Route route) {
        try (Declarations declarations = new Declarations(channel.link.connection(), mismatches)) {
            declarations.declare(route);
        } catch (MessagingException e) {
            LOG.log(System.Logger.Level.ERROR, e.getMessage());
            takeWaiting(pending -> pending.route.declaration().equals(route.declaration()))
                    .forEach(pending -> outstanding.fail(pending, e));
            return true;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "declaring at " + channel.link.host(), e);
            channel.link.cut();
            return false;
        }
        lock.lock();
        try {
            channel.declared(route);
        } finally {
            lock.unlock();
        }
        return true;
    }

    private List<Pending> takeWaiting(Predicate<Pending> which) {
        List<Pending> taken = new ArrayList<>();
        lock.lock();
        try {
            for (Iterator<Pending> all = waiting.iterator(); all.hasNext(); ) {
                Pending pending = all.next();
                if (which.test(pending)) {
                    all.remove();
                    taken.add(pending);
                }
            }
        } finally {
            lock.unlock();
        }
        return taken;
    }

    @Override
    public void connected(Link link) {
        open(link);
    }

    private void open(Link link) {
        if (!link.open()) {
            return;
        }
        PublishChannel channel;
        try {
            channel = PublishChannel.open(link, this);
        } catch (IOException | ShutdownSignalException e) {
            LOG.log(System.Logger.Level.DEBUG, "opening a channel to " + link.host(), e);
            link.cut();
            return;
        }
        lock.lock();
        try {
            current = channel;
        } finally {
            lock.unlock();
        }
        // called at once if it is closed already
        channel.channel()
                .addShutdownListener(cause -> supervisor().execute(() -> over(channel, cause)));
        flush();
    }

    @Override
    public void lost(Link link, ShutdownSignalException cause) {
        blocked = false;
        PublishChannel channel = current;
        if (channel != null) {
            over(channel, cause);
        }
    }

    /** The channel is closed: what was written to it waits again, before all else. */
    private void over(PublishChannel channel, ShutdownSignalException cause) {
        BrokerErrors.ChannelError error = BrokerErrors.channelError(cause);
        lock.lock();
        try {
            if (channel != current) {
                return;
            }
            current = null;
            List<Pending> unconfirmed = channel.drain();
            for (int i = unconfirmed.size() - 1; i >= 0; i--) {
                waiting.addFirst(unconfirmed.get(i));
            }
        } finally {
            lock.unlock();
        }
        if (error != null) {
            counters.channelErrors.increment();
            fail(ChannelErrors.of(error), error.text());
            int errors = channelErrors.incrementAndGet();
            Duration pause = Duration.ofMillis(errors < 2 ? 0 : 50L << Math.min(errors, 6));
            supervisor()
                    .execute(
                            () -> open(channel.link),
                            pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE);
        }
    }

    private void fail(ChannelErrors rule, String text) {
        List<Pending> failed = takeWaiting(rule::fails);
        if (failed.isEmpty() && !(rule instanceof ChannelErrors.Gone)) {
            failed = takeWaiting(new ChannelErrors.Unknown()::fails);
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "the channel to publish was closed by the broker, {0} messages fail: {1}",
                failed.size(),
                text);
        for (Pending pending : failed) {
            outstanding.fail(
                    pending, new MessagingException(pending + ": RabbitMQ refuses: " + text));
        }
    }

    @Override
    public void blocked(boolean now) {
        blocked = now;
        if (!now) {
            supervisor().execute(this::flush);
        }
    }

    @Override
    public void confirmed(List<Pending> messages) {
        channelErrors.set(0);
        outstanding.confirm(messages);
    }

    @Override
    public void refused(List<Pending> messages) {
        supervisor()
                .execute(
                        () -> {
                            lock.lock();
                            try {
                                waiting.addAll(messages);
                            } finally {
                                lock.unlock();
                            }
                            flush();
                        },
                        AGAIN_AFTER_NACK);
    }

    /** On the thread of the deadlines: must not wait. */
    private void check() {
        long since = writing;
        if (since != 0 && System.nanoTime() - since > STUCK_NANOS) {
            Link link = supervisor().link();
            if (link != null) {
                LOG.log(System.Logger.Level.ERROR, "{0} does not read: giving up", link.host());
                link.cut();
            }
        }
        if (lock.tryLock()) {
            try {
                waiting.removeIf(pending -> pending.finished.get());
            } finally {
                lock.unlock();
            }
        }
    }

    private static MessagingException.Closed closed() {
        return new MessagingException.Closed("the transport is closed");
    }

    int inFlight() {
        return outstanding.size();
    }

    /** Fails what is not confirmed. */
    void close() {
        boolean locked = false;
        try {
            locked = lock.tryLock(1, TimeUnit.SECONDS);
            closed = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (locked) {
                lock.unlock();
            }
        }
        outstanding.close(closed());
    }
}
