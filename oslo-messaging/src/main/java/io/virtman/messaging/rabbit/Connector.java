package io.virtman.messaging.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultSaslConfig;
import com.rabbitmq.client.SocketConfigurators;
import com.rabbitmq.client.impl.ForgivingExceptionHandler;
import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.TransportUrl;
import java.io.IOException;
import java.net.Socket;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections. The client's own recovery is off: it knows nothing of channels closed by the
 * broker, of cancelled consumers and of our order of hosts; {@link ConnectionSupervisor} has one
 * way for all of that.
 */
final class Connector {
    private static final System.Logger LOG = System.getLogger(Connector.class.getName());

    private final TransportUrl url;
    private final RabbitOptions options;
    private final RabbitSettings settings;
    private final @Nullable SSLContext tls;
    private final ExecutorService deliveries;
    private final AtomicReference<@Nullable Socket> opening = new AtomicReference<>();

    /**
     * @param deliveries calls consumers, those of one channel one after the other
     */
    Connector(
            TransportUrl url,
            RabbitOptions options,
            RabbitSettings settings,
            @Nullable SSLContext tls,
            ExecutorService deliveries) {
        this.url = url;
        this.options = options;
        this.settings = settings;
        this.tls = tls;
        this.deliveries = deliveries;
    }

    /**
     * Connects and logs in, within the time-outs.
     *
     * @param purpose part of the name that the connection has at the broker
     * @param maximumBody at a longer message the client closes the connection
     */
    Link open(TransportUrl.Host host, String purpose, int maximumBody)
            throws IOException, TimeoutException {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setAutomaticRecoveryEnabled(false);
        factory.setTopologyRecoveryEnabled(false);
        factory.setHost(host.name());
        factory.setPort(host.port() == 0 ? defaultPort() : host.port());
        factory.setUsername(host.user());
        factory.setPassword(host.password());
        factory.setVirtualHost(url.virtualHost());
        if (options.login() == RabbitOptions.LoginMethod.CERTIFICATE) {
            factory.setSaslConfig(DefaultSaslConfig.EXTERNAL);
        }
        factory.setRequestedHeartbeat((int) options.heartbeat().toSeconds());
        factory.setConnectionTimeout((int) settings.connectTimeout().toMillis());
        factory.setHandshakeTimeout((int) settings.answerTimeout().toMillis());
        factory.setChannelRpcTimeout((int) settings.answerTimeout().toMillis());
        factory.setShutdownTimeout((int) settings.closeTimeout().toMillis());
        factory.setMaxInboundMessageBodySize(maximumBody);
        factory.setSharedExecutor(deliveries);
        factory.setThreadFactory(
                task -> Thread.ofPlatform().daemon().name("rabbit " + purpose).unstarted(task));
        factory.setExceptionHandler(new Exceptions());
        if (tls != null) {
            factory.useSslProtocol(tls);
        }
        SocketConfigurators.Builder sockets = SocketConfigurators.builder().defaultConfigurator();
        if (tls != null && options.tls().verifyHostname()) {
            sockets.enableHostnameVerification();
        }
        factory.setSocketConfigurator(sockets.add(this::configure).build());
        String name =
                "%s:%d:%s:%s"
                        .formatted(
                                settings.program(),
                                ProcessHandle.current().pid(),
                                UUID.randomUUID(),
                                purpose);
        try {
            Connection connection = factory.newConnection(name);
            Socket socket = opening.get();
            if (socket == null) {
                throw new IOException("there is no socket");
            }
            return new Link(connection, socket, host.toString());
        } catch (IOException | TimeoutException e) {
            cancel();
            throw e;
        } finally {
            opening.set(null);
        }
    }

    private int defaultPort() {
        return tls == null ? AMQP.PROTOCOL.PORT : ConnectionFactory.DEFAULT_AMQP_OVER_SSL_PORT;
    }

    private void configure(Socket socket) {
        opening.set(socket);
        if (socket instanceof SSLSocket secure) {
            String protocol = options.tls().protocol();
            secure.setEnabledProtocols(
                    protocol == null
                            ? new String[] {"TLSv1.3", "TLSv1.2"}
                            : new String[] {protocol});
        }
    }

    /** Ends an attempt that is being made. */
    void cancel() {
        Socket socket = opening.getAndSet(null);
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "closing a socket", e);
            }
        }
    }

    /** The supervisor says what happened; this only keeps the client from saying it too. */
    private static final class Exceptions extends ForgivingExceptionHandler {
        @Override
        protected void log(String message, Throwable e) {
            LOG.log(System.Logger.Level.DEBUG, message, e);
        }

        @Override
        protected void handleChannelKiller(Channel channel, Throwable e, String what) {
            LOG.log(System.Logger.Level.ERROR, "defect: " + what + " threw", e);
            // The message is unsettled for ever otherwise, e.g. when there was no memory for it.
            // Not on this thread, which may be the one that reads the broker's answer.
            Thread.startVirtualThread(() -> abort(channel));
        }

        private static void abort(Channel channel) {
            try {
                channel.abort();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "closing a channel", e);
            }
        }
    }
}
