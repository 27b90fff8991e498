package io.virtman.messaging.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.UUID;

/**
 * The inner message of a reply. Source: {@code oslo_messaging/_drivers/amqpdriver.py}, {@code
 * _send_reply} and {@code _process_reply}.
 */
final class ReplyFormat {
    private ReplyFormat() {}

    /** Writes the members in Python's order. */
    static void write(Json.Output output, RpcReply reply) throws IOException {
        output.writeStartObject();
        output.writeField("result", reply.result());
        RemoteFailure failure = reply.failure();
        output.writeStringField("failure", failure == null ? null : FailureFormat.text(failure));
        output.writeBooleanField("ending", reply.ending());
        output.writeStringField("_msg_id", reply.messageId());
        output.writeStringField("_unique_id", reply.uniqueId());
        output.writeEndObject();
    }

    /** Reads it; unknown members are ignored. */
    static RpcReply read(ObjectNode inner) throws FormatException {
        String messageId = Fields.optionalId(inner, "_msg_id");
        if (messageId == null) {
            throw new FormatException("_msg_id is missing");
        }
        String failure = Fields.optionalText(inner, "failure");
        JsonNode result = inner.get("result");
        JsonNode ending = inner.get("ending");
        if (ending != null && !ending.isBoolean()) {
            throw new FormatException("ending is not true or false");
        }
        String uniqueId = Fields.optionalId(inner, "_unique_id");
        return new RpcReply(
                messageId,
                result == null ? inner.nullNode() : result,
                failure == null || failure.isEmpty() ? null : FailureFormat.read(failure),
                ending != null && ending.booleanValue(),
                uniqueId == null ? UUID.randomUUID().toString().replace("-", "") : uniqueId);
    }
}
