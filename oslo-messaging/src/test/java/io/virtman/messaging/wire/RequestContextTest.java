package io.virtman.messaging.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RequestContextTest {
    private final MessageCodec codec = new MessageCodec(1 << 20);

    @Test
    void tellsWhoAsks() {
        RequestContext context =
                codec.decodeRequest(Captures.request("attachment_update").message()).context();

        assertThat(context.requestId().orElseThrow()).matches("req-[0-9a-f-]{36}");
        assertThat(context.userId().orElseThrow()).matches("[0-9a-f]{32}");
        assertThat(context.projectId().orElseThrow()).matches("[0-9a-f]{32}");
        assertThat(context.roles()).contains("admin");
        assertThat(context.isAdmin()).isTrue();
        assertThat(context.authToken()).hasValue("dummy-context_auth_token");
        assertThat(context.text("read_deleted")).hasValue("no");
    }

    @Test
    void strangeTypesAreEmpty() throws IOException {
        RequestContext context =
                RequestContext.of(
                        (ObjectNode)
                                Captures.JSON.readTree(
                                        """
                                        {"request_id": 1, "user": "u", "project": "p", "is_admin": "yes", \
                                        "roles": ["a", null, 1, {}], "auth_token": {}}\
                                        """));

        assertThat(context.requestId()).isEmpty();
        assertThat(context.userId()).hasValue("u");
        assertThat(context.projectId()).hasValue("p");
        assertThat(context.isAdmin()).isFalse();
        assertThat(context.roles()).containsExactly("a");
        assertThat(context.authToken()).isEmpty();
        assertThat(context).hasToString("no request id");
        assertThat(RequestContext.empty().roles()).isEmpty();
        assertThat(RequestContext.empty().isAdmin()).isFalse();
    }

    @Test
    void anAdminIsWhatCinderAccepts() throws IOException {
        RequestContext context =
                RequestContext.admin("req-1", Instant.parse("2026-01-02T03:04:05.600Z"));

        assertThat(context.attributes())
                .isEqualTo(
                        Captures.JSON.readTree(
                                """
                                {"is_admin": true, "user_id": null, "project_id": null, \
                                "roles": ["admin"], "read_deleted": "no", "request_id": "req-1", \
                                "timestamp": "2026-01-02T03:04:05.600000"}\
                                """));
        assertThat(RequestContext.freshRequestId())
                .matches("req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
                .isNotEqualTo(RequestContext.freshRequestId());
    }

    @Test
    void neverChanges() {
        ObjectNode given = Captures.JSON.createObjectNode();
        ArrayNode roles = given.putArray("roles");
        RequestContext context = RequestContext.of(given);
        RequestContext other = context.with("is_admin", BooleanNode.TRUE).with("x", roles);
        roles.add("late");
        context.attributes().put("late", 1);
        other.attributes().put("late", 1);

        assertThat(context.attributes()).hasToString("{\"roles\":[]}");
        assertThat(other.attributes()).hasToString("{\"roles\":[],\"is_admin\":true,\"x\":[]}");
        assertThatIllegalArgumentException().isThrownBy(() -> context.with("", "x"));
    }

    @Test
    void notificationsGetNoSecrets() {
        RequestContext redacted =
                codec.decodeRequest(Captures.request("attachment_update").message())
                        .context()
                        .redactedForNotification();

        assertThat(redacted.authToken()).isEmpty();
        assertThat(redacted.requestId()).isPresent();
        assertThat(redacted.userId()).isPresent();
        assertThat(Set.copyOf(redacted.attributes().propertyStream().map(e -> e.getKey()).toList()))
                .containsExactlyInAnyOrder(
                        "user",
                        "user_id",
                        "project_id",
                        "project_name",
                        "domain",
                        "domain_id",
                        "user_domain",
                        "project_domain",
                        "system_scope",
                        "is_admin",
                        "request_id",
                        "global_request_id",
                        "roles");
    }
}
