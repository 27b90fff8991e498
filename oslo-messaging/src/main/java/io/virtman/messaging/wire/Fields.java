package io.virtman.messaging.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** Reads members of an inner message; what is wrong is named by the member, not by its value. */
final class Fields {
    /** Longest AMQP short string, which names of queues are (AMQP 0-9-1, section 4.2.5.3). */
    static final int SHORT = 255;

    private Fields() {}

    /** Text that must be there. */
    static String text(ObjectNode inner, String name) throws FormatException {
        String value = optionalText(inner, name);
        if (value == null) {
            throw new FormatException(name + " is missing");
        }
        return value;
    }

    /** Text that may be absent or null. */
    static @Nullable String optionalText(ObjectNode inner, String name) throws FormatException {
        JsonNode value = inner.get(name);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw new FormatException(name + " is not text");
        }
        return value.textValue();
    }

    /**
     * An id or the name of a queue: printable ASCII of at most 255 characters. Empty counts as
     * absent, as for Python, where it is false.
     */
    static @Nullable String optionalId(ObjectNode inner, String name) throws FormatException {
        String value = optionalText(inner, name);
        if (value == null || value.isEmpty()) {
            return null;
        }
        if (!isId(value)) {
            throw new FormatException(name + " is too long or has strange characters");
        }
        return value;
    }

    /** Whether that can be an id or the name of a queue. */
    static boolean isId(CharSequence value) {
        for (int i = 0; i < value.length(); i++) {
            if (i == SHORT || !isPrintable(value.charAt(i))) {
                return false;
            }
        }
        return !value.isEmpty();
    }

    /** Printable ASCII, space included. */
    static boolean isPrintable(int character) {
        return character >= ' ' && character <= '~';
    }

    /** What may go to a log of hostile text: 255 printable characters, others replaced. */
    static String forLog(String text) {
        if (isId(text)) {
            return text;
        }
        StringBuilder clean = new StringBuilder();
        text.chars()
                .limit(SHORT)
                .forEach(
                        character -> clean.append(isPrintable(character) ? (char) character : '?'));
        return clean.toString();
    }
}
