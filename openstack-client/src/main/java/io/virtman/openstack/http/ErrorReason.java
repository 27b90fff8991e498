package io.virtman.openstack.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * What the body of an error says to people. Nova and Cinder send {@code {"badRequest": {"message":
 * "..."}}}, Keystone {@code {"error": {"message": "..."}}}, Glance {@code {"message": "..."}} with
 * line breaks of HTML.
 */
final class ErrorReason {
    /** More than any of them sends. */
    static final int BODY_BYTES = 8 << 10;

    private static final int LENGTH = 300;

    /** Shorter values of headers are not secret. */
    private static final int SECRET = 16;

    private ErrorReason() {}

    /**
     * The reason, or empty text: for a body that is too long or no such JSON, for a reason that
     * repeats a token, and for calls without one. Those are logins, and a reason might repeat the
     * password.
     *
     * @param body empty where it was too long
     */
    static String of(Call call, Optional<byte[]> body) {
        if (!call.headers().containsKey(Call.TOKEN) || body.isEmpty()) {
            return "";
        }
        String text = message(new String(body.get(), StandardCharsets.UTF_8));
        boolean repeats =
                call.headers().values().stream()
                        .anyMatch(value -> value.length() >= SECRET && text.contains(value));
        return repeats ? "" : PlainText.of(text.replaceAll("(?i)<br\\s*/?>", " "), LENGTH);
    }

    private static String message(String body) {
        JsonFields answer;
        try {
            answer = JsonFields.of("error", body);
        } catch (OpenStackException.Unexpected _) {
            return "";
        }
        for (Map.Entry<String, JsonNode> each : answer.all()) {
            JsonNode value = each.getValue();
            JsonNode message = each.getKey().equals("message") ? value : value.path("message");
            if (message.isTextual()) {
                return message.textValue();
            }
        }
        return "";
    }
}
