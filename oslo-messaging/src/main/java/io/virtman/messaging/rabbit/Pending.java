package io.virtman.messaging.rabbit;

import com.rabbitmq.client.AMQP;
import io.virtman.messaging.transport.Message;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A message whose outcome is not known. What is not final belongs to the {@link Publisher}. */
final class Pending {
    final RabbitTopology.Route route;
    final AMQP.BasicProperties properties;
    final byte[] body;
    final boolean mandatory;
    final long deadline;
    final long limitMillis;
    final int cost;
    final CompletableFuture<Void> future = new CompletableFuture<>();
    final AtomicBoolean finished = new AtomicBoolean();

    /** That no queue got it: known before the broker confirms. Written by the reading thread. */
    volatile boolean returned;

    /** Where it was written to, last. */
    volatile @Nullable PublishChannel channel;

    volatile long sequence;
    int attempts;
    int channelErrors;

    Pending(
            RabbitTopology.Route route,
            Message message,
            boolean mandatory,
            long deadline,
            long limitMillis,
            int cost) {
        this.route = route;
        this.properties = AmqpProperties.of(message);
        this.body = message.body();
        this.mandatory = mandatory;
        this.deadline = deadline;
        this.limitMillis = limitMillis;
        this.cost = cost;
    }

    /** Whether it is this that the broker has returned. */
    boolean is(String exchange, String routingKey, byte[] returnedBody) {
        return mandatory
                && !returned
                && route.exchange().name().equals(exchange)
                && route.routingKey().equals(routingKey)
                && Arrays.equals(body, returnedBody);
    }

    /** Names the address and nothing of the body. */
    @Override
    public String toString() {
        return "message to exchange '%s' with key '%s'"
                .formatted(route.exchange().name(), route.routingKey());
    }
}
