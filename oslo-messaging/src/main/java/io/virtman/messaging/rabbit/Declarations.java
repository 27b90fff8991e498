package io.virtman.messaging.rabbit;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import io.virtman.messaging.transport.MessagingException;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Declares exchanges and queues on channels of their own, since RabbitMQ closes a channel on which
 * a declaration failed, and with it would go what is being published or received there. For one
 * thread at a time.
 */
final class Declarations implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Declarations.class.getName());

    /** What is deleted while we declare is declared again, so often; {@code Consumer.declare}. */
    private static final int ATTEMPTS = 3;

    private final Connection connection;
    private final Mismatches mismatches;
    private @Nullable Channel channel;

    Declarations(Connection connection, Mismatches mismatches) {
        this.connection = connection;
        this.mismatches = mismatches;
    }

    /**
     * Declares all that must be there to receive from a source.
     *
     * @throws MessagingException when the broker refuses
     * @throws IOException when the connection is lost
     */
    void declare(RabbitTopology.Source source) throws IOException {
        exchange(source.exchange());
        queue(source.queue());
        bind(source.exchange(), source.queue(), source.bindingKey());
    }

    /** Declares all that must be there to publish. Errors as above. */
    void declare(RabbitTopology.Route route) throws IOException {
        exchange(route.exchange());
        RabbitTopology.Queue queue = route.queue();
        if (queue != null) {
            queue(queue);
            bind(route.exchange(), queue, route.routingKey());
        }
    }

    private void exchange(RabbitTopology.Exchange exchange) throws IOException {
        if (exchange.predefined()) {
            return;
        }
        declare(
                "exchange '" + exchange.name() + "'",
                open ->
                        open.exchangeDeclare(
                                exchange.name(),
                                exchange.type(),
                                exchange.durable(),
                                exchange.autoDelete(),
                                null),
                open -> open.exchangeDeclarePassive(exchange.name()));
    }

    private void queue(RabbitTopology.Queue queue) throws IOException {
        declare(
                "queue '" + queue.name() + "'",
                open ->
                        open.queueDeclare(
                                queue.name(),
                                queue.durable(),
                                false,
                                queue.autoDelete(),
                                queue.arguments()),
                open -> open.queueDeclarePassive(queue.name()));
    }

    private void bind(RabbitTopology.Exchange exchange, RabbitTopology.Queue queue, String key)
            throws IOException {
        if (!exchange.predefined()) {
            Operation bind = open -> open.queueBind(queue.name(), exchange.name(), key);
            declare("binding of queue '" + queue.name() + "'", bind, bind);
        }
    }

    private void declare(String name, Operation actively, Operation passively) throws IOException {
        String text = "";
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            BrokerErrors.ChannelError error = run(actively);
            if (error != null && error.code() == BrokerErrors.PRECONDITION_FAILED) {
                mismatches.report(name, error.text());
                error = run(passively);
            }
            if (error == null) {
                return;
            }
            text = error.text();
            if (error.code() != BrokerErrors.NOT_FOUND) {
                break;
            }
        }
        throw new MessagingException(name + ": RabbitMQ refuses: " + text);
    }

    /** Deletes a queue; it is no error when that cannot be done. */
    void delete(RabbitTopology.Queue queue) {
        try {
            run(open -> open.queueDelete(queue.name()));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "cannot delete queue " + queue.name(), e);
        }
    }

    /** Null when it was done; what the broker said when it closed the channel instead. */
    private BrokerErrors.@Nullable ChannelError run(Operation operation) throws IOException {
        try {
            operation.run(channel());
            return null;
        } catch (IOException | ShutdownSignalException e) {
            BrokerErrors.ChannelError error = BrokerErrors.channelError(e);
            channel = null;
            if (error == null || !connection.isOpen()) {
                throw new IOException(BrokerErrors.describe(e), e);
            }
            return error;
        }
    }

    private Channel channel() throws IOException {
        Channel open = channel;
        if (open == null || !open.isOpen()) {
            open = connection.createChannel();
            if (open == null) {
                throw new IOException("no more channels on this connection");
            }
            channel = open;
        }
        return open;
    }

    @Override
    public void close() {
        Channel open = channel;
        if (open != null && open.isOpen()) {
            try {
                open.close();
            } catch (IOException | TimeoutException | ShutdownSignalException e) {
                LOG.log(System.Logger.Level.DEBUG, "closing a channel", e);
            }
        }
    }

    private interface Operation {
        void run(Channel channel) throws IOException;
    }
}
