package io.virtman.messaging.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An exception as the JSON text that is the member {@code failure} of a reply. Source: {@code
 * oslo_messaging/_drivers/common.py}, {@code serialize_remote_exception} and {@code
 * deserialize_remote_exception}. Read leniently, so that the caller learns as much as possible: a
 * member that is missing or of a strange type is empty.
 */
final class FailureFormat {
    private FailureFormat() {}

    /** As Python writes it. */
    static String text(RemoteFailure failure) {
        byte[] text =
                Json.bytes(output -> {
                    output.writeStartObject();
                    output.writeStringField("class", failure.type());
                    output.writeStringField("module", failure.module());
                    output.writeStringField("message", failure.message());
                    output.writeArrayFieldStart("tb");
                    for (String line : failure.traceback()) {
                        output.writeString(line);
                    }
                    output.writeEndArray();
                    ArrayNode args = failure.kwargs().arrayNode();
                    args.addAll(failure.args());
                    output.writeField("args", args);
                    output.writeField("kwargs", failure.kwargs());
                    output.writeEndObject();
                });
        return new String(text, StandardCharsets.UTF_8);
    }

    /** Only text that is no JSON object is refused. */
    static RemoteFailure read(String text) throws FormatException {
        ObjectNode failure = Json.object(text, "failure");
        List<String> traceback = new ArrayList<>();
        for (JsonNode line : elements(failure, "tb")) {
            traceback.add(line.asText());
        }
        List<JsonNode> args = new ArrayList<>();
        elements(failure, "args").forEach(args::add);
        return new RemoteFailure(
                failure.path("class").asText(""),
                failure.path("module").asText(""),
                failure.path("message").asText(""),
                traceback,
                args,
                failure.get("kwargs") instanceof ObjectNode named ? named : failure.objectNode());
    }

    private static Iterable<JsonNode> elements(ObjectNode failure, String name) {
        return failure.get(name) instanceof ArrayNode array ? array : List.of();
    }
}
