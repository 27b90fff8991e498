package io.virtman.messaging.wire;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.messaging.transport.Message;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Real traffic of Cinder and Nova (Debian 12). {@code messages.jsonl.gz}: one of each kind of
 * message, its inner message opened, secrets replaced. {@code python-bodies.jsonl.gz}: bytes as
 * Python's own code makes them.
 */
final class Captures {
    static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    private static final List<Captured> ALL =
            lines("messages.jsonl.gz").stream()
                    .map(line ->
                            new Captured(
                                    (ObjectNode) line.get("properties"),
                                    (ObjectNode) line.get("message")))
                    .toList();

    private Captures() {}

    /** A message as it was on the wire. */
    record Captured(ObjectNode properties, ObjectNode inner) {
        boolean isRequest() {
            return inner.has("method");
        }

        boolean isReply() {
            return inner.has("result");
        }

        boolean isNotification() {
            return inner.has("event_type");
        }

        @Nullable Duration expiration() {
            return properties.has("expiration")
                    ? Duration.ofMillis(Long.parseLong(properties.get("expiration").asText()))
                    : null;
        }

        Message message() {
            ObjectNode outer = JSON.createObjectNode();
            outer.put("oslo.version", "2.0");
            outer.put("oslo.message", inner.toString());
            return new Message(
                    outer.toString().getBytes(StandardCharsets.UTF_8),
                    properties.get("content_type").asText(),
                    properties.get("content_encoding").asText(),
                    properties.path("headers").path("compression").textValue(),
                    expiration());
        }

        @Override
        public String toString() {
            return inner.path("method").asText(inner.path("event_type").asText("reply"));
        }
    }

    /** Bytes of Python; {@code inner} is null when they are not JSON. */
    record Python(String name, Message message, @Nullable ObjectNode inner) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Captured> all() {
        return ALL;
    }

    /** The first request for that method. */
    static Captured request(String method) {
        return all().stream()
                .filter(captured -> captured.inner().path("method").asText().equals(method))
                .findFirst()
                .orElseThrow();
    }

    static List<Python> python() {
        return lines("python-bodies.jsonl.gz").stream().map(Captures::python).toList();
    }

    private static Python python(JsonNode line) {
        return new Python(
                line.get("name").asText(),
                new Message(
                        Base64.getDecoder().decode(line.get("body").asText()),
                        line.get("contentType").asText(),
                        line.get("contentEncoding").asText(),
                        line.get("compression").textValue(),
                        null),
                line.get("message") instanceof ObjectNode inner ? inner : null);
    }

    private static List<JsonNode> lines(String file) {
        try (InputStream packed =
                        Objects.requireNonNull(
                                Captures.class.getResourceAsStream("/captures/" + file));
                BufferedReader reader =
                        new BufferedReader(
                                new InputStreamReader(
                                        new GZIPInputStream(packed), StandardCharsets.UTF_8))) {
            List<JsonNode> lines = new ArrayList<>();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(JSON.readTree(line));
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
