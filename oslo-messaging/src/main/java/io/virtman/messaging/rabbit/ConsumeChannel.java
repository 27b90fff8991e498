package io.virtman.messaging.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import io.virtman.messaging.transport.Delivery;
import io.virtman.messaging.transport.Message;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The AMQP channel of a subscription. One lives as long as its AMQP channel; what came by it can
 * only be settled by it, and is void once it is closed.
 *
 * <p>RabbitMQ bounds the unsettled messages of each consumer (basic.qos; a bound for the whole
 * channel is not to be had with quorum queues). For several sources together permits bound them:
 * what is too much waits on the thread that delivers for this channel, one virtual thread.
 */
final class ConsumeChannel {
    private static final System.Logger LOG = System.getLogger(ConsumeChannel.class.getName());

    /** The client queues up to 1000 deliveries of a channel before it stops reading at all. */
    private static final int MOST_PREFETCHED = 900;

    private final Channel channel;
    private final Receiver receiver;
    private final Counters counters;
    private final Semaphore permits;
    private final AtomicInteger unsettled = new AtomicInteger();
    private volatile boolean over;

    /** Who gets what is received. */
    interface Receiver {
        /** On a thread of this channel, one after the other; false if nobody wants it now. */
        boolean received(Delivery delivery);

        /** The consumer of that queue was ended by the broker. */
        void cancelled(ConsumeChannel channel, ConsumedQueue queue);

        /** A message of that length has been settled. */
        void settled(int length);
    }

    private ConsumeChannel(Channel channel, Receiver receiver, Counters counters, int bound) {
        this.channel = channel;
        this.receiver = receiver;
        this.counters = counters;
        this.permits = new Semaphore(bound);
    }

    /**
     * Opens a channel.
     *
     * @param bound how many deliveries may be unsettled, of all queues together
     * @param queues how many queues will be consumed
     */
    static ConsumeChannel open(
            Link link, Receiver receiver, Counters counters, int bound, int queues)
            throws IOException {
        Channel channel = link.connection().createChannel();
        if (channel == null) {
            throw new IOException("no more channels on this connection");
        }
        channel.basicQos(Math.max(1, Math.min(bound, MOST_PREFETCHED / queues)), false);
        return new ConsumeChannel(channel, receiver, counters, bound);
    }

    Channel channel() {
        return channel;
    }

    boolean isOpen() {
        return !over && channel.isOpen();
    }

    int unsettled() {
        return unsettled.get();
    }

    void consume(ConsumedQueue queue) throws IOException {
        try {
            channel.basicConsume(queue.name(), false, new QueueConsumer(queue));
        } catch (ShutdownSignalException e) {
            throw new IOException(BrokerErrors.describe(e), e);
        }
    }

    /** Nothing is handed over any more, and settling does nothing. Does not close the channel. */
    void end() {
        synchronized (unsettled) {
            if (over) {
                return;
            }
            over = true;
            counters.unsettled.addAndGet(-unsettled.get());
        }
        permits.release(MOST_PREFETCHED);
    }

    /** Ends it and tells the broker, which takes back what is unsettled. */
    void close() {
        end();
        try {
            channel.close();
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            LOG.log(System.Logger.Level.DEBUG, "closing a channel", e);
        }
    }

    /** False when the channel is gone and the message with it: it is delivered again. */
    boolean settle(Settlement settlement, int length) {
        uncount();
        permits.release();
        if (over) {
            return false;
        }
        boolean settled = false;
        try {
            settlement.run(channel);
            settled = true;
        } catch (IOException | ShutdownSignalException e) {
            LOG.log(System.Logger.Level.DEBUG, "settling a message", e);
        }
        receiver.settled(length);
        return settled;
    }

    private void deliver(RabbitDelivery delivery) {
        try {
            permits.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        synchronized (unsettled) {
            if (over) {
                return;
            }
            unsettled.incrementAndGet();
            counters.unsettled.incrementAndGet();
        }
        if (!receiver.received(delivery)) {
            // the broker takes it back when the channel is closed
            uncount();
        }
    }

    private void uncount() {
        synchronized (unsettled) {
            unsettled.decrementAndGet();
            if (!over) {
                counters.unsettled.decrementAndGet();
            }
        }
    }

    /** Tells the broker what became of a message. */
    interface Settlement {
        void run(Channel channel) throws IOException;
    }

    private final class QueueConsumer extends DefaultConsumer {
        private final ConsumedQueue queue;

        QueueConsumer(ConsumedQueue queue) {
            super(channel);
            this.queue = queue;
        }

        @Override
        public void handleDelivery(
                String consumerTag,
                Envelope envelope,
                AMQP.BasicProperties properties,
                byte[] body) {
            Message message = AmqpProperties.message(properties, body);
            deliver(
                    new RabbitDelivery(
                            message,
                            queue.address(envelope.getRoutingKey()),
                            envelope.isRedeliver(),
                            envelope.getDeliveryTag(),
                            ConsumeChannel.this));
        }

        @Override
        public void handleCancel(String consumerTag) {
            receiver.cancelled(ConsumeChannel.this, queue);
        }
    }
}
