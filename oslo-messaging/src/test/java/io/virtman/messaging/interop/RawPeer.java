package io.virtman.messaging.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.virtman.testkit.Await;
import io.virtman.testkit.RabbitBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Publishes and takes any bytes with the AMQP client, without any library of messaging. */
final class RawPeer implements AutoCloseable {
    /** What kombu sends. */
    static final AMQP.BasicProperties JSON =
            new AMQP.BasicProperties.Builder()
                    .contentType("application/json")
                    .contentEncoding("utf-8")
                    .deliveryMode(2)
                    .build();

    private final Connection connection;
    private final Channel channel;

    RawPeer(RabbitBroker broker) {
        try {
            connection = broker.connectionFactory().newConnection("raw");
            channel = connection.createChannel();
            channel.confirmSelect();
        } catch (IOException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** Publishes to the queue of that name; returns when the broker has it. */
    void publish(String queue, AMQP.BasicProperties properties, byte[] body) {
        try {
            channel.basicPublish("", queue, properties, body);
            channel.waitForConfirmsOrDie(20_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    void publish(String queue, String body) {
        publish(queue, JSON, body.getBytes(StandardCharsets.UTF_8));
    }

    /** Publishes in an envelope of version 2.0. */
    void publishInner(String queue, String inner) {
        ObjectNode envelope = RpcContract.JSON.createObjectNode();
        envelope.put("oslo.version", "2.0");
        envelope.put("oslo.message", inner);
        publish(queue, envelope.toString());
    }

    /** Makes a queue for replies or requests; the name. */
    String queue(@Nullable String name) {
        try {
            String queue = name == null ? "reply_" + hex() : name;
            channel.queueDeclare(queue, false, false, false, Map.of("x-expires", 120_000));
            return queue;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Binds a queue to a topic exchange under its own name. */
    void bind(String queue, String exchange) {
        try {
            channel.queueBind(queue, exchange, queue);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for a message and takes what is in its envelope. */
    JsonNode take(String queue) {
        GetResponse[] taken = new GetResponse[1];
        Await.until(() -> {
            try {
                taken[0] = channel.basicGet(queue, true);
                return taken[0] != null;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try {
            JsonNode envelope = RpcContract.JSON.readTree(taken[0].getBody());
            return RpcContract.JSON.readTree(envelope.path("oslo.message").asText());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A request as Python sends it, to be changed. */
    static ObjectNode request(String method, String replyQueue) {
        ObjectNode request = RpcContract.JSON.createObjectNode();
        request.put("method", method);
        request.putObject("args").put("value", 1);
        request.put("version", "1.0");
        request.put("_unique_id", hex());
        request.put("_context_request_id", "req-raw");
        request.put("_msg_id", hex());
        request.put("_reply_q", replyQueue);
        request.putNull("_timeout");
        return request;
    }

    static String hex() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    @Override
    public void close() {
        try {
            connection.close(5000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
