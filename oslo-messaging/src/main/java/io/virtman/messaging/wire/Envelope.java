package io.virtman.messaging.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.regex.Pattern;

/**
 * The outer object with {@code oslo.version} and {@code oslo.message}, the latter a string of JSON.
 * Source: {@code oslo_messaging/_drivers/common.py}, {@code serialize_msg} and {@code
 * deserialize_msg}.
 */
final class Envelope {
    static final String VERSION_KEY = "oslo.version";
    static final String MESSAGE_KEY = "oslo.message";

    /** What {@code _utils.version_is_compatible("2.0", version)} is true for. */
    private static final Pattern COMPATIBLE = Pattern.compile("0{0,8}2\\.0{1,9}(\\.0{1,9})?");

    private Envelope() {}

    /** Whether a message may come as in format 1.0: the inner object alone. */
    enum Rule {
        /** For RPC. Python would dispatch requests without envelope too, but never sends any. */
        REQUIRED,
        /** For notifications: the driver {@code messaging} sends them without. */
        OPTIONAL
    }

    /** The inner message. */
    static ObjectNode open(byte[] body, Rule rule) throws FormatException {
        ObjectNode outer = Json.object(body, "body");
        JsonNode version = outer.get(VERSION_KEY);
        JsonNode message = outer.get(MESSAGE_KEY);
        if (version == null || message == null) {
            if (rule == Rule.OPTIONAL) {
                return outer;
            }
            throw new FormatException(
                    "no envelope: "
                            + (version == null ? VERSION_KEY : MESSAGE_KEY)
                            + " is missing");
        }
        if (!version.isTextual() || !COMPATIBLE.matcher(version.textValue()).matches()) {
            throw new FormatException(VERSION_KEY + " is not 2.0");
        }
        if (!message.isTextual()) {
            throw new FormatException(MESSAGE_KEY + " is not text");
        }
        return Json.object(message.textValue(), MESSAGE_KEY);
    }

    /** A body with that inner message. */
    static byte[] seal(Json.Text inner) {
        EscapedOutput output = new EscapedOutput();
        output.plain("{\"" + VERSION_KEY + "\":\"2.0\",\"" + MESSAGE_KEY + "\":\"");
        Json.write(output, inner);
        output.plain("\"}");
        return output.toByteArray();
    }
}
