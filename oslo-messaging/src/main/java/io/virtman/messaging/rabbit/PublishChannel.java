package io.virtman.messaging.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConfirmListener;
import com.rabbitmq.client.ReturnListener;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * A channel in confirm mode and what was written to it and not confirmed yet. One lives as long as
 * its AMQP channel.
 *
 * <p>The thread that reads from the connection must never wait for one that writes: while nothing
 * is read the broker may not read either. So what both share is a concurrent map.
 *
 * <p>A message returned because no queue gets it is matched by exchange, key and body: the
 * properties stay as Python has them, so nothing in them can tell. RabbitMQ sends basic.return
 * before the basic.ack of the message.
 */
final class PublishChannel implements ConfirmListener, ReturnListener {
    final Link link;
    private final Channel channel;
    private final Outcome outcome;
    private final ConcurrentNavigableMap<Long, Pending> unconfirmed = new ConcurrentSkipListMap<>();
    private final Set<String> declared = new HashSet<>();

    /** Who is told, on the thread that reads. */
    interface Outcome {
        void confirmed(List<Pending> messages);

        void refused(List<Pending> messages);
    }

    private PublishChannel(Link link, Channel channel, Outcome outcome) {
        this.link = link;
        this.channel = channel;
        this.outcome = outcome;
    }

    static PublishChannel open(Link link, Outcome outcome) throws IOException {
        Channel channel = link.connection().createChannel();
        if (channel == null) {
            throw new IOException("no more channels on this connection");
        }
        PublishChannel made = new PublishChannel(link, channel, outcome);
        channel.addConfirmListener(made);
        channel.addReturnListener(made);
        channel.confirmSelect();
        return made;
    }

    Channel channel() {
        return channel;
    }

    boolean isDeclared(RabbitTopology.Route route) {
        return route.exchange().predefined() || declared.contains(route.declaration());
    }

    void declared(RabbitTopology.Route route) {
        declared.add(route.declaration());
    }

    /** For one thread at a time. After an exception the message is among the unconfirmed. */
    void write(Pending message) throws IOException {
        long sequence = channel.getNextPublishSeqNo();
        message.returned = false;
        message.channel = this;
        message.sequence = sequence;
        unconfirmed.put(sequence, message);
        try {
            channel.basicPublish(
                    message.route.exchange().name(),
                    message.route.routingKey(),
                    message.mandatory,
                    false,
                    message.properties,
                    message.body);
        } catch (ShutdownSignalException e) {
            throw new IOException(e);
        }
    }

    /** It is of no interest any more. */
    void forget(Pending message) {
        unconfirmed.remove(message.sequence, message);
    }

    /** What was not confirmed, oldest first. Each message is given out once. */
    List<Pending> drain() {
        List<Pending> drained = new ArrayList<>();
        for (Map.Entry<Long, Pending> first = unconfirmed.pollFirstEntry();
                first != null;
                first = unconfirmed.pollFirstEntry()) {
            drained.add(first.getValue());
        }
        return drained;
    }

    @Override
    public void handleAck(long sequence, boolean multiple) {
        outcome.confirmed(take(sequence, multiple));
    }

    @Override
    public void handleNack(long sequence, boolean multiple) {
        outcome.refused(take(sequence, multiple));
    }

    private List<Pending> take(long sequence, boolean multiple) {
        if (!multiple) {
            Pending message = unconfirmed.remove(sequence);
            return message == null ? List.of() : List.of(message);
        }
        List<Pending> taken = new ArrayList<>();
        for (Long confirmed : unconfirmed.headMap(sequence, true).keySet()) {
            Pending message = unconfirmed.remove(confirmed);
            if (message != null) {
                taken.add(message);
            }
        }
        return taken;
    }

    @Override
    public void handleReturn(
            int code,
            String text,
            String exchange,
            String routingKey,
            AMQP.BasicProperties properties,
            byte[] body) {
        for (Pending message : unconfirmed.values()) {
            if (message.is(exchange, routingKey, body)) {
                message.returned = true;
                return;
            }
        }
    }
}
