package io.virtman.messaging.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The inner message of a notification. Sources: {@code oslo_messaging/notify/notifier.py}, {@code
 * _notify}; {@code notify/dispatcher.py}, {@code _extract_user_message}.
 */
final class NotificationFormat {
    private NotificationFormat() {}

    /** Writes the members in Python's order. */
    static void write(Json.Output output, NotificationMessage message) throws IOException {
        output.writeStartObject();
        output.writeStringField("message_id", message.messageId());
        output.writeStringField("publisher_id", message.publisherId());
        output.writeStringField("event_type", message.eventType());
        output.writeStringField("priority", message.priority());
        output.writeField("payload", message.payload());
        output.writeStringField("timestamp", message.timestamp());
        if (message.uniqueId() != null) {
            output.writeStringField("_unique_id", message.uniqueId());
        }
        ContextFormat.write(output, message.context());
        output.writeEndObject();
    }

    /** Reads it; only the event type and the priority must be there. */
    static NotificationMessage read(ObjectNode inner) throws FormatException {
        JsonNode payload = inner.get("payload");
        return new NotificationMessage(
                orEmpty(Fields.optionalText(inner, "message_id")),
                orEmpty(Fields.optionalText(inner, "publisher_id")),
                Fields.text(inner, "event_type"),
                Fields.text(inner, "priority"),
                payload == null ? inner.nullNode() : payload,
                orEmpty(Fields.optionalText(inner, "timestamp")),
                ContextFormat.read(inner),
                Fields.optionalId(inner, "_unique_id"));
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
