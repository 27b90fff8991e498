package io.virtman.messaging.notify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.wire.MessageCodec;
import io.virtman.messaging.wire.NotificationMessage;
import io.virtman.messaging.wire.RequestContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Notifications to test with, captured ones among them. */
final class Notifications {
    static final JsonMapper JSON = JsonMapper.builder().build();
    static final MessageCodec CODEC = new MessageCodec(1 << 20);

    private Notifications() {}

    static RequestContext context() {
        return RequestContext.empty()
                .with("request_id", "req-1")
                .with("auth_token", "SECRET")
                .with("project_id", "p-1");
    }

    static NotificationMessage of(String priority, @Nullable String uniqueId, JsonNode payload) {
        return new NotificationMessage(
                "m-1",
                "compute.host-1",
                "instance.create.end",
                priority,
                payload,
                "2026-01-02 03:04:05.678901",
                RequestContext.empty().with("request_id", "req-1"),
                uniqueId);
    }

    static Message info(@Nullable String uniqueId) {
        return CODEC.encode(of("INFO", uniqueId, number(1)));
    }

    static Message info(String uniqueId, int payload) {
        return CODEC.encode(of("INFO", uniqueId, number(payload)));
    }

    static JsonNode number(int number) {
        return JsonNodeFactory.instance.numberNode(number);
    }

    /** The inner message, as decoded by something that knows nothing of the codec. */
    static ObjectNode inner(Message message) throws IOException {
        JsonNode outer = JSON.readTree(message.body());
        return (ObjectNode)
                (outer.has("oslo.message")
                        ? JSON.readTree(outer.get("oslo.message").textValue())
                        : outer);
    }

    /** Inner messages of all captured notifications of Nova and Cinder. */
    static List<ObjectNode> captured() throws IOException {
        List<ObjectNode> found = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                new GZIPInputStream(
                                        Objects.requireNonNull(
                                                Notifications.class.getResourceAsStream(
                                                        "/captures/messages.jsonl.gz"))),
                                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (JSON.readTree(line).path("message") instanceof ObjectNode inner
                        && inner.has("event_type")) {
                    found.add(inner);
                }
            }
        }
        return found;
    }

    /** In the envelope. */
    static Message message(ObjectNode inner) throws IOException {
        ObjectNode outer = JSON.createObjectNode();
        outer.put("oslo.version", "2.0");
        outer.put("oslo.message", JSON.writeValueAsString(inner));
        return Message.json(JSON.writeValueAsBytes(outer), null);
    }
}
