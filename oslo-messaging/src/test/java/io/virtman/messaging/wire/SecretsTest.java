package io.virtman.messaging.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.virtman.messaging.transport.Message;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nothing that people log has a secret in it, nor a line break. */
final class SecretsTest {
    private static final String SECRET = "hunter2";
    private static final ObjectNode HIDDEN =
            JsonNodeFactory.instance
                    .objectNode()
                    .put("auth_token", SECRET)
                    .put("service_catalog", SECRET)
                    .put("admin_password", SECRET);

    private final MessageCodec codec = new MessageCodec(1 << 16);

    @Test
    void textsOfMessagesHaveNoSecret() {
        RequestContext context = RequestContext.of(HIDDEN).with("request_id", "req-1");
        RpcRequest request =
                new RpcRequest(
                        "m",
                        HIDDEN,
                        "1.0",
                        null,
                        context,
                        "u",
                        new RpcRequest.ReplyTo("id", "reply", null));
        RemoteFailure failure =
                new RemoteFailure(
                        "Class",
                        "module",
                        "message",
                        List.of(SECRET),
                        List.of(TextNode.valueOf(SECRET)),
                        HIDDEN);
        NotificationMessage notification =
                new NotificationMessage("id", "p", "e", "INFO", HIDDEN, "time", context, "u");
        Message message = codec.encode(request, null);

        assertThat(context).hasToString("req-1");
        assertThat(request).hasToString("m 1.0 [req-1]");
        assertThat(failure).hasToString("module.Class: message");
        assertThat(notification).hasToString("e of p [req-1]");
        for (Object each :
                List.of(
                        request.replyTo() == null ? "" : request.replyTo(),
                        new RpcReply("id", HIDDEN, null, true, "u"),
                        new RpcReply("id", HIDDEN, failure, true, "u"),
                        message)) {
            assertThat(each.toString()).doesNotContain(SECRET);
        }
    }

    @Test
    void exceptionsHaveNoSecret() {
        List<String> texts = new ArrayList<>();
        for (String member :
                List.of(
                        "\"x\": \"hunter2",
                        "\"x\": hunter2",
                        "\"args\": \"hunter2\"",
                        "\"method\": [\"hunter2\"]",
                        "\"_timeout\": \"hunter2\"",
                        "\"_reply_q\": \"hunter2\\n\"",
                        "\"hunter2\": \"\u0001\"",
                        "\"hunter2\" 5",
                        "\"x\": \"hunter2\\q\"")) {
            try {
                codec.decodeRequest(Bodies.call(member));
            } catch (MalformedMessageException e) {
                texts.add(e.toString());
                assertThat(e.getCause()).isNull();
                assertThat(String.valueOf(e.salvage())).doesNotContain(SECRET);
            }
        }
        assertThat(texts).hasSize(9).noneMatch(text -> text.contains(SECRET));
    }

    @Test
    void textsAreOneLine() {
        String forged = "m\r\n2026-01-01 INFO \u2028\u001b[31m" + "x".repeat(1000);
        RequestContext context = RequestContext.empty().with("request_id", forged);
        ObjectNode none = JsonNodeFactory.instance.objectNode();
        RemoteFailure failure =
                new RemoteFailure(forged, forged, forged, List.of(), List.of(), none);
        for (Object each :
                List.of(
                        context,
                        new RpcRequest(forged, none, forged, null, context, null, null),
                        failure,
                        new RpcReply(forged, none, failure, true, "u"),
                        new NotificationMessage(
                                "id", forged, forged, "INFO", none, "time", context, null))) {
            assertThat(each.toString()).matches("[ -~]{1,800}");
        }
    }
}
