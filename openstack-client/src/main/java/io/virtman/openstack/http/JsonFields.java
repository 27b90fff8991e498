package io.virtman.openstack.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object of an answer, read strictly: what is missing or of another type is {@link
 * OpenStackException.Unexpected}, which names the field and not its value.
 */
public final class JsonFields {
    /** Deeper than any answer of OpenStack, and harmless. */
    private static final int DEPTH = 50;

    private static final ObjectMapper MAPPER =
            new ObjectMapper(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(DEPTH)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final String where;
    private final JsonNode node;

    private JsonFields(String where, JsonNode node) {
        this.where = where;
        this.node = node;
    }

    /**
     * The object that is an answer.
     *
     * @param what for messages, e.g. {@code image}
     */
    public static JsonFields of(String what, String json) {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(json);
        } catch (IOException _) {
            throw new OpenStackException.Unexpected(what + ": the answer is not JSON");
        }
        return of(what, tree);
    }

    private static JsonFields of(String where, JsonNode node) {
        if (!node.isObject()) {
            throw new OpenStackException.Unexpected(where + ": not a JSON object");
        }
        return new JsonFields(where, node);
    }

    /** JSON of maps, lists, strings and so on. */
    public static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (IOException e) {
            throw new IllegalArgumentException("not for JSON", e);
        }
    }

    /** The names and values, in the order of the answer. */
    public Iterable<Map.Entry<String, JsonNode>> all() {
        return node.properties();
    }

    /** Text, or null where there is null or nothing. */
    public @Nullable String textOrNull(String name) {
        JsonNode value = node.path(name);
        return absent(value) ? null : require(value, value.isTextual(), name).textValue();
    }

    /** Text that must be there. */
    public String text(String name) {
        JsonNode value = node.path(name);
        return require(value, value.isTextual(), name).textValue();
    }

    /** A whole number of 0 or more, or null where there is null or nothing. */
    public @Nullable Long countOrNull(String name) {
        JsonNode value = node.path(name);
        return absent(value) ? null : count(name);
    }

    /** A whole number of 0 or more. */
    public long count(String name) {
        JsonNode value = node.path(name);
        boolean fits = value.isIntegralNumber() && value.canConvertToLong();
        return require(value, fits && value.longValue() >= 0, name).longValue();
    }

    /** A whole number, of any sign. */
    public long whole(String name) {
        JsonNode value = node.path(name);
        boolean fits = value.isIntegralNumber() && value.canConvertToLong();
        return require(value, fits, name).longValue();
    }

    /** True or false. */
    public boolean flag(String name) {
        JsonNode value = node.path(name);
        return require(value, value.isBoolean(), name).booleanValue();
    }

    /** A moment, in ISO 8601; without a zone it is in UTC, as OpenStack has it. */
    public Instant instant(String name) {
        String text = text(name);
        try {
            return OffsetDateTime.parse(
                            text.matches(".*(Z|[+-]\\d\\d:?\\d\\d)") ? text : text + "Z")
                    .withOffsetSameInstant(ZoneOffset.UTC)
                    .toInstant();
        } catch (DateTimeParseException _) {
            throw new OpenStackException.Unexpected(where + "." + name + ": not a time");
        }
    }

    /** A moment, or null where there is null or nothing. */
    public @Nullable Instant instantOrNull(String name) {
        return absent(node.path(name)) ? null : instant(name);
    }

    /** An object of texts; empty where there is null or nothing. */
    public Map<String, String> texts(String name) {
        JsonNode object = node.path(name);
        if (absent(object)) {
            return Map.of();
        }
        JsonFields fields = object(name);
        Map<String, String> texts = new LinkedHashMap<>();
        object.properties().forEach(each -> texts.put(each.getKey(), fields.text(each.getKey())));
        return texts;
    }

    /** A URL with a host, or null for anything else: catalogues hold many kinds. */
    public @Nullable URI urlOrNull(String name) {
        String text = textOrNull(name);
        try {
            URI url = text == null ? null : URI.create(text);
            return url == null || url.getHost() == null ? null : url;
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    /** An object that must be there. */
    public JsonFields object(String name) {
        return of(where + "." + name, node.path(name));
    }

    /** Whether there is an object. */
    public boolean hasObject(String name) {
        return node.path(name).isObject();
    }

    /** Whether there is anything but null. */
    public boolean has(String name) {
        return !absent(node.path(name));
    }

    /** A list of objects; empty where there is null or nothing. */
    public List<JsonFields> objects(String name) {
        JsonNode list = node.path(name);
        if (absent(list)) {
            return List.of();
        }
        List<JsonFields> objects = new ArrayList<>();
        require(list, list.isArray(), name)
                .forEach(each -> objects.add(of(where + "." + name, each)));
        return objects;
    }

    /** A list of objects that must be there. */
    public List<JsonFields> listed(String name) {
        require(node.path(name), node.path(name).isArray(), name);
        return objects(name);
    }

    private static boolean absent(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }

    private JsonNode require(JsonNode value, boolean condition, String name) {
        if (!condition) {
            throw new OpenStackException.Unexpected(
                    where + "." + name + ": missing, or of a wrong type");
        }
        return value;
    }
}
