package io.virtman.messaging.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The inner message of a request. Sources: {@code oslo_messaging/rpc/client.py}, {@code
 * _make_message}; {@code _drivers/amqpdriver.py}, {@code _send}; {@code _drivers/amqp.py}, {@code
 * unpack_context}; {@code rpc/dispatcher.py}, {@code dispatch} and {@code _watchdog}.
 */
final class RequestFormat {
    /** Longest {@code _timeout} that is taken seriously, in seconds: eleven days. */
    static final int LONGEST_MONITOR = 1_000_000;

    private RequestFormat() {}

    /** Writes the members in Python's order. */
    static void write(Json.Output output, RpcRequest request) throws IOException {
        output.writeStartObject();
        output.writeStringField("method", request.method());
        output.writeField("args", request.args());
        if (request.namespace() != null) {
            output.writeStringField("namespace", request.namespace());
        }
        output.writeStringField("version", request.version());
        RpcRequest.ReplyTo replyTo = request.replyTo();
        if (replyTo != null) {
            output.writeStringField("_msg_id", replyTo.messageId());
            output.writeStringField("_reply_q", replyTo.queue());
            output.writeFieldName("_timeout");
            if (replyTo.monitorSeconds() == null) {
                output.writeNull();
            } else {
                output.writeNumber((int) replyTo.monitorSeconds());
            }
        }
        if (request.uniqueId() != null) {
            output.writeStringField("_unique_id", request.uniqueId());
        }
        ContextFormat.write(output, request.context());
        output.writeEndObject();
    }

    /** Reads it; unknown members are ignored. */
    static RpcRequest read(ObjectNode inner) throws FormatException {
        String method = Fields.text(inner, "method");
        if (method.isEmpty()) {
            throw new FormatException("method is empty");
        }
        return new RpcRequest(
                method,
                args(inner),
                inner.has("version") ? Fields.text(inner, "version") : "1.0",
                Fields.optionalText(inner, "namespace"),
                ContextFormat.read(inner),
                Fields.optionalId(inner, "_unique_id"),
                replyTo(inner));
    }

    private static ObjectNode args(ObjectNode inner) throws FormatException {
        JsonNode args = inner.get("args");
        if (args == null) {
            return inner.objectNode();
        }
        if (args instanceof ObjectNode named) {
            return named;
        }
        throw new FormatException("args is not an object");
    }

    /** Python answers whatever has a {@code _msg_id}, and nothing else. */
    private static RpcRequest.@Nullable ReplyTo replyTo(ObjectNode inner) throws FormatException {
        String messageId = Fields.optionalId(inner, "_msg_id");
        if (messageId == null) {
            return null;
        }
        String queue = Fields.optionalId(inner, "_reply_q");
        if (queue == null) {
            throw new FormatException("_reply_q is missing though there is a _msg_id");
        }
        return new RpcRequest.ReplyTo(messageId, queue, monitorSeconds(inner));
    }

    /** Python truncates a float, and takes 0 for a caller that does not monitor. */
    private static @Nullable Integer monitorSeconds(ObjectNode inner) throws FormatException {
        JsonNode timeout = inner.get("_timeout");
        if (timeout == null || timeout.isNull()) {
            return null;
        }
        if (!timeout.isNumber()) {
            throw new FormatException("_timeout is not a number");
        }
        double seconds = timeout.doubleValue();
        if (!(seconds >= 0 && seconds <= LONGEST_MONITOR)) {
            throw new FormatException("_timeout is not between 0 and " + LONGEST_MONITOR + " s");
        }
        return (int) seconds == 0 ? null : (int) seconds;
    }
}
