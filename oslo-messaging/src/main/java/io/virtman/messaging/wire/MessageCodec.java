package io.virtman.messaging.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.messaging.transport.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns messages into bytes and back. Any thread.
 *
 * <p>What is written equals what {@code python3-oslo.messaging} writes, as JSON. What is read may
 * be anything: it is bounded, and the only error is {@link MalformedMessageException}.
 */
public final class MessageCodec {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String CONTEXT = "_context_";

    private final int maximumBytes;

    /** A codec that refuses bodies longer than so many bytes, before and after decompression. */
    public MessageCodec(int maximumBytes) {
        this.maximumBytes = maximumBytes;
    }

    /** A request; calls expire when the caller has stopped waiting, casts (null) never do. */
    public Message encode(RpcRequest request, @Nullable Duration expiration) {
        ObjectNode inner = JSON.createObjectNode();
        inner.put("method", request.method());
        inner.set("args", request.args());
        inner.put("version", request.version());
        if (request.namespace() != null) {
            inner.put("namespace", request.namespace());
        }
        RpcRequest.ReplyTo replyTo = request.replyTo();
        if (replyTo != null) {
            inner.put("_msg_id", replyTo.messageId());
            inner.put("_reply_q", replyTo.queue());
            inner.put("_timeout", replyTo.monitorSeconds());
        }
        inner.put("_unique_id", request.uniqueId());
        request.context()
                .attributes()
                .properties()
                .forEach(attribute -> {
                    inner.set(CONTEXT + attribute.getKey(), attribute.getValue());
                });
        return envelope(inner, expiration);
    }

    /** A reply, in the envelope. */
    public Message encode(RpcReply reply) {
        ObjectNode inner = JSON.createObjectNode();
        inner.set("result", reply.result());
        RemoteFailure failure = reply.failure();
        inner.put("failure", failure == null ? null : text(json(failure)));
        inner.put("ending", reply.ending());
        inner.put("_msg_id", reply.messageId());
        inner.put("_unique_id", reply.uniqueId());
        return envelope(inner, null);
    }

    private static ObjectNode json(RemoteFailure failure) {
        ObjectNode node = JSON.createObjectNode();
        node.put("class", failure.type());
        node.put("module", failure.module());
        node.put("message", failure.message());
        node.set("tb", JSON.valueToTree(failure.traceback()));
        node.set("args", JSON.valueToTree(failure.args()));
        node.set("kwargs", failure.kwargs());
        return node;
    }

    private static Message envelope(ObjectNode inner, @Nullable Duration expiration) {
        ObjectNode outer = JSON.createObjectNode();
        outer.put("oslo.version", "2.0");
        outer.put("oslo.message", text(inner));
        return Message.json(text(outer).getBytes(StandardCharsets.UTF_8), expiration);
    }

    private static String text(JsonNode node) {
        try {
            return JSON.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
        }
    }

    /**
     * Reads what was sent to a server.
     *
     * @throws MalformedMessageException when it is no request
     */
    public RpcRequest decodeRequest(Message message) {
        ObjectNode inner = open(message);
        ObjectNode context = JSON.createObjectNode();
        inner.properties()
                .forEach(field -> {
                    if (field.getKey().startsWith(CONTEXT)) {
                        context.set(field.getKey().substring(CONTEXT.length()), field.getValue());
                    }
                });
        RpcRequest.@Nullable ReplyTo replyTo =
                inner.hasNonNull("_msg_id")
                        ? new RpcRequest.ReplyTo(
                                inner.get("_msg_id").asText(),
                                inner.get("_reply_q").asText(),
                                inner.hasNonNull("_timeout")
                                        ? inner.get("_timeout").intValue()
                                        : null)
                        : null;
        return new RpcRequest(
                inner.get("method").asText(),
                inner.withObject("args"),
                inner.path("version").asText("1.0"),
                inner.hasNonNull("namespace") ? inner.get("namespace").asText() : null,
                RequestContext.of(context),
                inner.path("_unique_id").textValue(),
                replyTo);
    }

    /**
     * Reads what came for a caller.
     *
     * @throws MalformedMessageException when it is no reply
     */
    public RpcReply decodeReply(Message message) {
        ObjectNode inner = open(message);
        return new RpcReply(
                inner.path("_msg_id").asText(),
                inner.path("result"),
                inner.hasNonNull("failure") ? failure(inner.get("failure").asText()) : null,
                inner.path("ending").asBoolean(false),
                inner.path("_unique_id").asText());
    }

    private static RemoteFailure failure(String text) {
        try {
            JsonNode node = JSON.readTree(text);
            List<String> traceback = new ArrayList<>();
            node.path("tb").forEach(line -> traceback.add(line.asText()));
            List<JsonNode> args = new ArrayList<>();
            node.path("args").forEach(args::add);
            return new RemoteFailure(
                    node.path("class").asText(),
                    node.path("module").asText(),
                    node.path("message").asText(),
                    traceback,
                    args,
                    node.path("kwargs") instanceof ObjectNode named
                            ? named
                            : JSON.createObjectNode());
        } catch (JsonProcessingException e) {
            throw new MalformedMessageException("failure is not JSON", null);
        }
    }

    private ObjectNode open(Message message) {
        if (message.body().length > maximumBytes) {
            throw new MalformedMessageException("longer than " + maximumBytes + " bytes", null);
        }
        try {
            JsonNode outer = JSON.readTree(message.body());
            if (outer.path("oslo.message").isTextual()
                    && JSON.readTree(outer.get("oslo.message").textValue())
                            instanceof ObjectNode inner) {
                return inner;
            }
        } catch (IOException e) {
            throw new MalformedMessageException("not JSON", null);
        }
        throw new MalformedMessageException("no envelope", null);
    }
}
