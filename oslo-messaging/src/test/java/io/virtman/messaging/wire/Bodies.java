package io.virtman.messaging.wire;

import com.fasterxml.jackson.databind.node.TextNode;
import io.virtman.messaging.transport.Message;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Messages of any text, right or wrong. */
final class Bodies {
    private Bodies() {}

    static Message raw(String body) {
        return Message.json(body.getBytes(StandardCharsets.UTF_8), null);
    }

    /** In an envelope. */
    static Message enveloped(String inner) {
        return raw(
                "{\"oslo.version\": \"2.0\", \"oslo.message\": " + TextNode.valueOf(inner) + "}");
    }

    /** A call with that member more. */
    static Message call(String member) {
        return enveloped(
                """
                {"method": "m", "args": {}, "version": "1.0", "_msg_id": "id-1", "_reply_q": \
                "reply_1", "_timeout": null, "_context_request_id": "req-1", %s}\
                """
                        .formatted(member));
    }

    /** That text so many times, between two others. */
    static Message filled(String before, char filling, int times, String after) {
        byte[] start = before.getBytes(StandardCharsets.UTF_8);
        byte[] end = after.getBytes(StandardCharsets.UTF_8);
        byte[] body = new byte[start.length + times + end.length];
        Arrays.fill(body, (byte) filling);
        System.arraycopy(start, 0, body, 0, start.length);
        System.arraycopy(end, 0, body, start.length + times, end.length);
        return Message.json(body, null);
    }
}
