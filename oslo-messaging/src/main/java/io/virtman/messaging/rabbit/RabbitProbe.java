package io.virtman.messaging.rabbit;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import io.virtman.messaging.config.QueueNames;
import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.TransportUrl;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.MessagingException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether a broker answers, and whether what is there was declared as these options would
 * declare it. Makes nothing: what is not there is left alone.
 */
public final class RabbitProbe {
    private final RabbitTopology topology;
    private final Connection connection;
    private final List<String> found = new ArrayList<>();

    private RabbitProbe(RabbitTopology topology, Connection connection) {
        this.topology = topology;
        this.connection = connection;
    }

    /**
     * Connects, compares, and closes; within the settings' time-outs for each host of the URL.
     *
     * @return a line for each exchange or queue that was declared otherwise, with the option
     * @throws MessagingException when no host can be reached or logged in to
     */
    public static List<String> mismatches(
            TransportUrl url,
            RabbitOptions options,
            RabbitSettings settings,
            List<Address> addresses) {
        List<String> failures = new ArrayList<>();
        for (TransportUrl.Host host : url.hosts()) {
            try (ExecutorService deliveries = Executors.newSingleThreadExecutor()) {
                Connector connector =
                        new Connector(
                                url,
                                options,
                                settings,
                                options.tls().enabled() ? TlsContexts.of(options.tls()) : null,
                                deliveries);
                Connection connection =
                        connector.open(host, "probe", settings.maximumBody()).connection();
                try {
                    return new RabbitProbe(
                                    new RabbitTopology(options.queues(), QueueNames.random()),
                                    connection)
                            .compare(addresses);
                } finally {
                    connection.abort((int) settings.closeTimeout().toMillis());
                }
            } catch (IOException | TimeoutException | ShutdownSignalException e) {
                failures.add(host + ": " + BrokerErrors.describe(e));
            }
        }
        throw new MessagingException(String.join("; ", failures));
    }

    private List<String> compare(List<Address> addresses) throws IOException {
        Set<RabbitTopology.Exchange> exchanges = new LinkedHashSet<>();
        Set<RabbitTopology.Queue> queues = new LinkedHashSet<>();
        for (Address address : addresses) {
            RabbitTopology.Source source = topology.source(address);
            if (!source.exchange().predefined()) {
                exchanges.add(source.exchange());
            }
            if (!source.temporary()) {
                queues.add(source.queue());
            }
        }
        for (RabbitTopology.Exchange exchange : exchanges) {
            compare(
                    "exchange '" + exchange.name() + "'",
                    channel -> channel.exchangeDeclarePassive(exchange.name()),
                    channel ->
                            channel.exchangeDeclare(
                                    exchange.name(),
                                    exchange.type(),
                                    exchange.durable(),
                                    exchange.autoDelete(),
                                    null));
        }
        for (RabbitTopology.Queue queue : queues) {
            compare(
                    "queue '" + queue.name() + "'",
                    channel -> channel.queueDeclarePassive(queue.name()),
                    channel ->
                            channel.queueDeclare(
                                    queue.name(),
                                    queue.durable(),
                                    false,
                                    queue.autoDelete(),
                                    queue.arguments()));
        }
        return found;
    }

    /** What is there is declared again: the broker compares, and changes nothing. */
    private void compare(String name, Operation passively, Operation actively) throws IOException {
        if (run(passively) != null) {
            return; // not there, or not for this account to see
        }
        BrokerErrors.ChannelError error = run(actively);
        if (error != null) {
            found.add(
                    error.code() == BrokerErrors.PRECONDITION_FAILED
                            ? Mismatches.explain(name, error.text())
                            : name + ": RabbitMQ refuses: " + error.text());
        }
    }

    private BrokerErrors.@Nullable ChannelError run(Operation operation) throws IOException {
        Channel channel = connection.createChannel();
        if (channel == null) {
            throw new IOException("no more channels on this connection");
        }
        try {
            operation.run(channel);
            return null;
        } catch (IOException | ShutdownSignalException e) {
            BrokerErrors.ChannelError error = BrokerErrors.channelError(e);
            if (error == null) {
                throw new IOException(BrokerErrors.describe(e), e);
            }
            return error;
        } finally {
            channel.abort();
        }
    }

    private interface Operation {
        void run(Channel channel) throws IOException;
    }
}
