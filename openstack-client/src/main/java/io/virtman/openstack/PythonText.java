package io.virtman.openstack;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * JSON as Python prints it: what Cinder stores where it calls {@code str} on what it has parsed.
 */
final class PythonText {
    private static final ObjectMapper MAPPER =
            new ObjectMapper()
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private PythonText() {}

    /** The text of parsed JSON; what cannot be parsed stays as it is. */
    static String ofJson(String json) {
        try {
            JsonNode node = MAPPER.readTree(json);
            return node.isMissingNode() ? json : str(node);
        } catch (JsonProcessingException _) {
            return json;
        }
    }

    /** {@code str(value)}. */
    static String str(JsonNode value) {
        return value.isTextual() ? value.textValue() : repr(value);
    }

    private static String repr(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> quoted(value.textValue());
            case BOOLEAN -> value.booleanValue() ? "True" : "False";
            case ARRAY ->
                    StreamSupport.stream(value.spliterator(), false)
                            .map(PythonText::repr)
                            .collect(Collectors.joining(", ", "[", "]"));
            case OBJECT ->
                    value.properties().stream()
                            .map(each -> quoted(each.getKey()) + ": " + repr(each.getValue()))
                            .collect(Collectors.joining(", ", "{", "}"));
            case NULL, MISSING -> "None";
            default -> value.asText();
        };
    }

    private static String quoted(String text) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        StringBuilder out = new StringBuilder().append(quote);
        text.codePoints()
                .forEach(c -> {
                    switch (c) {
                        case '\n' -> out.append("\\n");
                        case '\r' -> out.append("\\r");
                        case '\t' -> out.append("\\t");
                        case '\\' -> out.append("\\\\");
                        default -> {
                            if (c == quote) {
                                out.append('\\').append(quote);
                            } else if (c < ' ' || c == 0x7f) {
                                out.append(String.format("\\x%02x", c));
                            } else {
                                out.appendCodePoint(c);
                            }
                        }
                    }
                });
        return out.append(quote).toString();
    }
}
