package io.virtman.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * A real RabbitMQ of our own: private ports on 127.0.0.1 for AMQP, Erlang distribution and epmd, a
 * directory, cookie, user and virtual host of its own. Starting one takes some seconds, so tests
 * that only talk to a broker take {@link #shared}; tests that kill it start theirs. Nothing of it
 * outlives {@link #close} or the end of the JVM. Methods are not for several threads at a time.
 */
public final class RabbitBroker implements AutoCloseable {
    private static final long DEADLINE = 90_000_000_000L;
    private static final long STEP = 100_000_000L;
    private static final String USER = "tester";
    private static final String VIRTUAL_HOST = "testing";

    private final RabbitNode node;

    private RabbitBroker(RabbitNode node) {
        this.node = node;
    }

    /** The broker that all tests of this JVM share; it ends with the JVM. Never kill that one. */
    public static RabbitBroker shared() {
        return Shared.BROKER;
    }

    /**
     * Starts a broker and returns when one can log in.
     *
     * @param configuration further lines of {@code rabbitmq.conf}
     */
    public static RabbitBroker start(String... configuration) {
        RabbitNode node = new RabbitNode(USER, VIRTUAL_HOST, List.of(configuration));
        RabbitBroker broker = new RabbitBroker(node);
        try {
            broker.restart();
            return broker;
        } catch (RuntimeException | Error e) {
            broker.close();
            throw e;
        }
    }

    /**
     * Starts a broker that also listens for TLS, see {@link #tlsUri}.
     *
     * @param authority PEM certificates it trusts
     * @param certificate PEM certificate it shows
     * @param key PEM key of that
     */
    public static RabbitBroker startTls(
            Path authority, Path certificate, Path key, String... configuration) {
        List<String> lines = new ArrayList<>(List.of(configuration));
        lines.add("listeners.ssl.1 = 127.0.0.1:" + RabbitNode.TLS_PORT);
        lines.add("ssl_options.cacertfile = " + authority);
        lines.add("ssl_options.certfile = " + certificate);
        lines.add("ssl_options.keyfile = " + key);
        return start(lines.toArray(String[]::new));
    }

    /** The transport URL of this broker: {@code rabbit://user:password@127.0.0.1:port/testing}. */
    public String uri() {
        return uri(VIRTUAL_HOST);
    }

    /** The transport URL with another virtual host, which must exist: {@link #addVirtualHost}. */
    public String uri(String virtualHost) {
        return "rabbit://%s:%s@127.0.0.1:%d/%s"
                .formatted(USER, node.password(), port(), virtualHost);
    }

    /** The transport URL of the TLS listener; the certificate must be for {@code localhost}. */
    public String tlsUri() {
        return "rabbit://%s:%s@localhost:%d/%s?ssl=1"
                .formatted(USER, node.password(), node.tlsPort(), VIRTUAL_HOST);
    }

    /** Where AMQP is spoken, on 127.0.0.1; the same after {@link #restart}. */
    public int port() {
        return node.port();
    }

    public String user() {
        return USER;
    }

    public String password() {
        return node.password();
    }

    public String virtualHost() {
        return VIRTUAL_HOST;
    }

    /** A factory of plain AMQP connections to this broker, without automatic recovery. */
    public ConnectionFactory connectionFactory() {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(port());
        factory.setUsername(USER);
        factory.setPassword(node.password());
        factory.setVirtualHost(VIRTUAL_HOST);
        factory.setAutomaticRecoveryEnabled(false);
        factory.setConnectionTimeout(5000);
        factory.setHandshakeTimeout(5000);
        factory.setChannelRpcTimeout(20_000);
        factory.setShutdownTimeout(2000);
        return factory;
    }

    /** Ends the Erlang machine like {@code kill -9}; returns when it is gone. */
    public void kill() {
        node.kill();
    }

    /** Ends it in order, so that durable queues are on disk. */
    public void stop() {
        node.stop();
    }

    /** Starts it again, with the same ports and data; stops it before that if it runs. */
    public void restart() {
        node.stop();
        node.start();
        long start = System.nanoTime();
        while (!login()) {
            if (!node.alive() || System.nanoTime() - start > DEADLINE) {
                throw new AssertionError("RabbitMQ does not start: " + node.log());
            }
            LockSupport.parkNanos(STEP);
        }
    }

    private boolean login() {
        try (var connection = connectionFactory().newConnection("readiness");
                var channel = connection.createChannel()) {
            return channel.isOpen();
        } catch (IOException | TimeoutException e) {
            return false;
        }
    }

    /** {@code rabbitmqctl} with these arguments, at most a minute; some seconds. */
    public String control(String... arguments) {
        return node.control(List.of(arguments));
    }

    /** The queues of the virtual host: name to number of messages, ready and unacknowledged. */
    public Map<String, Integer> queues() {
        Map<String, Integer> queues = new TreeMap<>();
        for (JsonNode queue : table("list_queues", "-p", VIRTUAL_HOST, "name", "messages")) {
            queues.put(queue.path("name").asText(), queue.path("messages").asInt());
        }
        return queues;
    }

    /** The names that the open connections gave themselves; of all virtual hosts. */
    public List<String> connections() {
        List<String> names = new ArrayList<>();
        for (JsonNode row : table("list_connections", "client_properties")) {
            for (JsonNode property : row.path("client_properties")) {
                // [name, type, value]
                if (property.path(0).asText().equals("connection_name")) {
                    names.add(property.path(2).asText());
                }
            }
        }
        return names;
    }

    /** How many channels are open. */
    public int channels() {
        return table("list_channels", "pid").size();
    }

    /** The rows of a {@code rabbitmqctl list_...}, e.g. {@code list_queues name arguments}. */
    public JsonNode table(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--silent", "--formatter", "json"));
        all.addAll(List.of(arguments));
        try {
            return JsonMapper.builder().build().readTree(node.control(all));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes a queue of the virtual host whatever is in it or receives from it. */
    public void deleteQueue(String name) {
        try (var connection = connectionFactory().newConnection("deletes a queue");
                var channel = connection.createChannel()) {
            channel.queueDelete(name);
        } catch (IOException | TimeoutException e) {
            throw new AssertionError("cannot delete queue " + name, e);
        }
    }

    /** Makes another virtual host, in which the user may do everything. */
    public void addVirtualHost(String name) {
        control("add_vhost", name);
        control("set_permissions", "-p", name, USER, ".*", ".*", ".*");
    }

    /** Ends it at once and deletes its directory. */
    @Override
    public void close() {
        node.close();
    }

    private static final class Shared {
        static final RabbitBroker BROKER = start();
    }
}
