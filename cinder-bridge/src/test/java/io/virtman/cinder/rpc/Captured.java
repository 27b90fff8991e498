package io.virtman.cinder.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.wire.MessageCodec;
import io.virtman.messaging.wire.RpcRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** Requests that Cinder of Zed has sent, with the answers it got; without tokens. */
final class Captured {
    static final String TOKEN = "the-callers-token";

    private static final ObjectMapper JSON = new ObjectMapper();

    private Captured() {}

    /** All of a method, in order. */
    static List<JsonNode> of(String method) {
        List<JsonNode> found = new ArrayList<>();
        for (JsonNode each : all()) {
            if (each.path("request").path("method").asText().equals(method)) {
                found.add(each);
            }
        }
        return found;
    }

    static JsonNode all() {
        try (InputStream text = Captured.class.getResourceAsStream("captured.json")) {
            return JSON.readTree(Objects.requireNonNull(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As it arrives; a pair of texts each is replaced, the second for the first. */
    static RpcRequest request(JsonNode captured, String... replaced) {
        String inner = captured.get("request").toString();
        for (int i = 0; i < replaced.length; i += 2) {
            inner = inner.replace(replaced[i], replaced[i + 1]);
        }
        ObjectNode envelope = JsonNodeFactory.instance.objectNode();
        envelope.put("oslo.version", "2.0").put("oslo.message", inner);
        return new MessageCodec(1 << 20)
                .decodeRequest(
                        Message.json(envelope.toString().getBytes(StandardCharsets.UTF_8), null));
    }

    /** The first of a method, with a fresh id of the message, and others in its arguments. */
    static RpcRequest fresh(String method, String... replaced) {
        RpcRequest request = request(of(method).getFirst(), replaced);
        return with(request, UUID.randomUUID().toString().replace("-", ""), request.args());
    }

    static RpcRequest with(RpcRequest request, String uniqueId, ObjectNode args) {
        return new RpcRequest(
                request.method(),
                args,
                request.version(),
                null,
                request.context(),
                uniqueId,
                request.replyTo());
    }

    /** The id of an object in the arguments of the first captured request of a method. */
    static String id(String method, String object) {
        return of(method)
                .getFirst()
                .path("request")
                .path("args")
                .path(object)
                .path("versioned_object.data")
                .path("id")
                .asText();
    }
}
