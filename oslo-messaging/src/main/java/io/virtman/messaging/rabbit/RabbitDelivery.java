package io.virtman.messaging.rabbit;

import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Delivery;
import io.virtman.messaging.transport.Message;
import java.util.concurrent.atomic.AtomicBoolean;

/** A message, and the channel it came by, through which alone it can be settled. */
final class RabbitDelivery implements Delivery {
    private final Message message;
    private final Address source;
    private final boolean redelivered;
    private final long tag;
    private final ConsumeChannel channel;
    private final AtomicBoolean settled = new AtomicBoolean();

    RabbitDelivery(
            Message message,
            Address source,
            boolean redelivered,
            long tag,
            ConsumeChannel channel) {
        this.message = message;
        this.source = source;
        this.redelivered = redelivered;
        this.tag = tag;
        this.channel = channel;
    }

    @Override
    public Message message() {
        return message;
    }

    @Override
    public Address source() {
        return source;
    }

    @Override
    public boolean redelivered() {
        return redelivered;
    }

    @Override
    public boolean acknowledge() {
        return settled.compareAndSet(false, true)
                && channel.settle(open -> open.basicAck(tag, false), message.body().length);
    }

    @Override
    public void reject(boolean requeue) {
        if (settled.compareAndSet(false, true)) {
            boolean _ =
                    channel.settle(open -> open.basicReject(tag, requeue), message.body().length);
        }
    }
}
