package io.virtman.messaging.rabbit;

import com.rabbitmq.client.ShutdownSignalException;
import io.virtman.messaging.transport.Delivery;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.transport.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Receives from its queues as long as it is open, whatever becomes of the connection, the channel
 * or a queue. What is not said to be for any thread happens on the thread of the supervisor.
 *
 * <p>Deliveries are handed over under a lock, so that {@link #close} can wait for the one that is
 * being handed over; the handler itself may close.
 */
final class RabbitSubscription implements Transport.Subscription, ConsumeChannel.Receiver {
    private static final System.Logger LOG = System.getLogger(RabbitSubscription.class.getName());
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final int LONGEST_DOUBLING = 6;

    private final Receiving receiving;
    private final List<ConsumedQueue> queues;
    private final int unsettled;
    private final Transport.DeliveryHandler handler;
    private final CompletableFuture<Void> attached = new CompletableFuture<>();
    private final ReentrantLock handing = new ReentrantLock();
    private volatile boolean closed;
    private volatile @Nullable ConsumeChannel current;
    private int failures;
    private int carried; // unsettled when the connection was lost: these come again

    RabbitSubscription(
            Receiving receiving,
            List<RabbitTopology.Source> sources,
            int unsettled,
            Transport.DeliveryHandler handler) {
        this.receiving = receiving;
        this.queues = ConsumedQueue.of(sources);
        this.unsettled = unsettled;
        this.handler = handler;
    }

    /** Waits until it receives. Any thread. */
    void await(Duration limit) {
        try {
            attached.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            close();
            throw new MessagingException.Timeout(
                    "not receiving from %s in %d ms: %s"
                            .formatted(names(), limit.toMillis(), receiving.describe()));
        } catch (ExecutionException e) {
            close();
            if (e.getCause() instanceof MessagingException.Closed over) {
                throw over;
            }
            throw new MessagingException(
                    "cannot receive from " + names() + ": " + BrokerErrors.describe(e), e);
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new MessagingException("interrupted", e);
        }
    }

    private List<String> names() {
        return queues.stream().map(ConsumedQueue::name).toList();
    }

    /** Declares everything and receives, if there is a connection and it does not already. */
    void attach() {
        Link link = receiving.link();
        ConsumeChannel before = current;
        if (closed || link == null || (before != null && before.isOpen())) {
            return;
        }
        try (Declarations declarations = receiving.declarations(link)) {
            for (ConsumedQueue queue : queues) {
                declare(declarations, queue);
            }
            ConsumeChannel channel =
                    ConsumeChannel.open(
                            link,
                            this,
                            receiving.counters(),
                            receiving.bound(unsettled, carried),
                            queues.size());
            current = channel;
            for (ConsumedQueue queue : queues) {
                channel.consume(queue);
            }
            // called at once if it is closed already
            channel.channel()
                    .addShutdownListener(
                            cause -> receiving.execute(() -> lost(channel, cause), Duration.ZERO));
            failures = 0;
            attached.complete(null);
        } catch (MessagingException e) {
            again(e);
            // of no effect when it did receive before: then it goes on trying
            attached.completeExceptionally(e);
        } catch (IOException | ShutdownSignalException e) {
            again(e);
        }
    }

    private static void declare(Declarations declarations, ConsumedQueue queue) throws IOException {
        for (RabbitTopology.Source source : queue.sources()) {
            declarations.declare(source);
        }
    }

    /** Gives up what was built and builds it anew, sooner at first and later then. */
    private void again(Exception why) {
        ConsumeChannel channel = current;
        current = null;
        if (channel != null) {
            channel.close();
        }
        failures++;
        LOG.log(
                System.Logger.Level.WARNING,
                "not receiving from {0}: {1}",
                names(),
                BrokerErrors.describe(why));
        Duration pause = SHORT.multipliedBy(1L << Math.min(failures - 1, LONGEST_DOUBLING));
        receiving.execute(this::attach, pause);
    }

    private void lost(ConsumeChannel channel, ShutdownSignalException cause) {
        if (channel != current || closed) {
            channel.end();
            return;
        }
        giveUp(channel);
        if (receiving.link() != null) {
            receiving.counters().channelErrors.increment();
            again(cause);
        }
    }

    /** The connection is gone. */
    void detach() {
        ConsumeChannel channel = current;
        if (channel != null) {
            giveUp(channel);
        }
    }

    /** Whichever is heard of first, the end of the channel or of its connection. */
    private void giveUp(ConsumeChannel channel) {
        carried = channel.unsettled();
        channel.end();
        current = null;
    }

    @Override
    public void cancelled(ConsumeChannel channel, ConsumedQueue queue) {
        receiving.counters().cancelled.increment();
        LOG.log(
                System.Logger.Level.WARNING,
                "the broker has cancelled receiving from queue {0}; declaring it again",
                queue.name());
        receiving.execute(() -> resume(channel, queue), receiving.spread());
    }

    /** The other queues of the channel are received from all the while. */
    private void resume(ConsumeChannel channel, ConsumedQueue queue) {
        Link link = receiving.link();
        if (closed || link == null || channel != current || !channel.isOpen()) {
            return;
        }
        try (Declarations declarations = receiving.declarations(link)) {
            declare(declarations, queue);
            channel.consume(queue);
        } catch (MessagingException | IOException | ShutdownSignalException e) {
            again(e);
        }
    }

    @Override
    public boolean received(Delivery delivery) {
        handing.lock();
        try {
            if (closed || !receiving.handsOver(delivery.message().body().length)) {
                return false;
            }
            receiving.counters().delivered.increment();
            handler.handle(delivery);
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "defect: a handler threw, message dropped", e);
            delivery.reject(false);
        } finally {
            handing.unlock();
        }
        return true;
    }

    @Override
    public void settled(int length) {
        receiving.settled(length);
    }

    /** How many deliveries are out. Any thread. */
    int unsettled() {
        ConsumeChannel channel = current;
        return channel == null ? 0 : channel.unsettled();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        attached.completeExceptionally(
                new MessagingException.Closed("closed before anything could be received"));
        ConsumeChannel channel = current;
        if (channel != null) {
            channel.end();
        }
        try {
            if (handing.tryLock(receiving.patience().toNanos(), TimeUnit.NANOSECONDS)) {
                handing.unlock();
            } else {
                LOG.log(System.Logger.Level.WARNING, "closed while a handler is still busy");
            }
            receiving.remove(this);
        } catch (InterruptedException e) {
            receiving.execute(this::leave, Duration.ZERO);
            Thread.currentThread().interrupt();
        }
    }

    /** Deletes what nobody else needs and closes the channel. */
    void leave() {
        ConsumeChannel channel = current;
        current = null;
        Link link = receiving.link();
        if (channel != null) {
            channel.close();
        }
        if (link != null && queues.stream().anyMatch(ConsumedQueue::temporary)) {
            try (Declarations declarations = receiving.declarations(link)) {
                for (ConsumedQueue queue : queues) {
                    if (queue.temporary()) {
                        declarations.delete(queue.sources().getFirst().queue());
                    }
                }
            }
        }
    }
}
