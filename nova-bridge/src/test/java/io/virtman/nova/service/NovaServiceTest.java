package io.virtman.nova.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.testkit.Await;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Boots API over HTTP. */
class NovaServiceTest extends NovaScene {
    @Test
    void bootsAsManyAsWereAskedFor() throws Exception {
        String id = create(order(11));
        awaitState(id, "completed");
        JsonNode boot = boot(id);
        assertThat(boot.get("active").asInt()).isEqualTo(11);
        assertThat(boot.get("servers")).hasSize(11);
        assertThat(boot.get("servers").get(0).get("state").asText()).isEqualTo("active");
        assertThat(boot.get("servers").get(0).get("host").isNull()).as("for admins only").isTrue();
        assertThat(boot.get("ended_at").asText()).isNotEmpty();
        assertThat(cloud.servers(id)).isEqualTo(11);
        Await.until(() -> cloud.trusts().isEmpty());
    }

    @Test
    void goesOnAfterARestart() throws Exception {
        cloud.building(true);
        String id = create(order(20));
        Await.until(() -> boot(id).get("building").asInt() >= 8);
        present(service).close();
        service = begin();
        cloud.building(false);
        awaitState(id, "completed");
        assertThat(cloud.servers(id)).isEqualTo(20);
    }

    @Test
    void goesOnAfterAnOutage() throws Exception {
        cloud.building(true);
        String id = create(order(12));
        Await.until(() -> boot(id).get("building").asInt() >= 8);
        cloud.away(true);
        assertThat(send("GET", "/v1/boots/" + id, "member", null).statusCode()).isEqualTo(503);
        cloud.building(false);
        cloud.away(false);
        awaitState(id, "completed");
        assertThat(cloud.servers(id)).isEqualTo(12);
    }

    @Test
    void whoKnowsItAlreadyIsTold() throws Exception {
        String id = create(order(1));
        awaitState(id, "completed");
        HttpResponse<String> first = send("GET", "/v1/boots/" + id, "member", null);
        String tag = first.headers().firstValue("ETag").orElseThrow();
        HttpResponse<String> again =
                send("GET", "/v1/boots/" + id, "member", null, "If-None-Match", tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
    }

    @Test
    void theSameRequestTwiceIsOneBoot() throws Exception {
        String first = create(order(2), "Idempotency-Key", "a-key");
        assertThat(create(order(2), "Idempotency-Key", "a-key")).isEqualTo(first);
        HttpResponse<String> other =
                send(
                        "POST",
                        "/v1/boots",
                        "member",
                        order(3).toString(),
                        "Idempotency-Key",
                        "a-key");
        assertThat(other.statusCode()).isEqualTo(409);
        assertThat(other.body()).contains("Idempotency-Key");
        assertThat(create(order(2))).isNotEqualTo(first);
        HttpResponse<String> wrong =
                send("POST", "/v1/boots", "member", order(1).toString(), "Idempotency-Key", "a b");
        assertThat(wrong.statusCode()).isEqualTo(400);
    }

    @Test
    void cancelsWithItsServersOrWithout() throws Exception {
        cloud.building(true);
        String keep = create(order(12));
        Await.until(() -> boot(keep).get("building").asInt() == 8);
        assertThat(send("DELETE", "/v1/boots/" + keep, "member", null).statusCode()).isEqualTo(202);
        assertThat(send("DELETE", "/v1/boots/" + keep, "member", null).statusCode())
                .as("a second time")
                .isEqualTo(202);
        cloud.building(false);
        awaitState(keep, "cancelled");
        assertThat(cloud.servers(keep)).as("those that were under way").isEqualTo(8);

        cloud.building(true);
        String delete = create(order(12));
        Await.until(() -> boot(delete).get("building").asInt() >= 8);
        String path = "/v1/boots/" + delete + "?servers=delete";
        assertThat(send("DELETE", path, "member", null).statusCode()).isEqualTo(202);
        awaitState(delete, "cancelled");
        assertThat(cloud.servers(delete)).isZero();
        assertThat(send("DELETE", path, "member", null).statusCode()).isEqualTo(202);
        assertThat(
                        send("DELETE", "/v1/boots/" + delete + "?servers=x", "member", null)
                                .statusCode())
                .isEqualTo(400);
    }

    @Test
    void whatIsOverCanNotBeCancelled() throws Exception {
        String id = create(order(1));
        awaitState(id, "completed");
        HttpResponse<String> answer = send("DELETE", "/v1/boots/" + id, "member", null);
        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(answer.body()).contains("completed already");
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /v1/boots",
        "GET, /v1/boots",
        "GET, /v1/boots/11111111-2222-3333-4444-555555555555",
        "DELETE, /v1/boots/11111111-2222-3333-4444-555555555555"
    })
    void everyAddressWantsAToken(String method, String path) throws Exception {
        String body = method.equals("POST") ? order(1).toString() : null;
        assertThat(send(method, path, null, body).statusCode()).isEqualTo(401);
        assertThat(send(method, path, "wrong", body).statusCode()).isEqualTo(401);
        assertThat(send(method, path, "nobody", body).statusCode()).isEqualTo(403);
    }

    @Test
    void othersBootsAreNotThere() throws Exception {
        String id = create(order(1));
        awaitState(id, "completed");
        for (String method : List.of("GET", "DELETE")) {
            assertThat(send(method, "/v1/boots/" + id, "other", null).statusCode()).isEqualTo(404);
        }
        assertThat(send("GET", "/v1/boots?marker=" + id, "other", null).statusCode())
                .isEqualTo(404);
        assertThat(send("GET", "/v1/boots", "other", null).body()).doesNotContain(id);
        assertThat(send("GET", "/v1/boots?all_projects=true", "member", null).statusCode())
                .isEqualTo(403);
        assertThat(send("GET", "/v1/boots?all_projects=true", "admin", null).body()).contains(id);
        assertThat(send("GET", "/v1/boots/" + id, "admin", null).body()).contains("\"h1\"");
        assertThat(send("GET", "/v1/boots", "reader", null).body()).contains(id);
        assertThat(send("POST", "/v1/boots", "reader", order(1).toString()).statusCode())
                .isEqualTo(403);
    }

    @Test
    void whatCanNotBeDelegatedIsRefused() throws Exception {
        HttpResponse<String> answer = send("POST", "/v1/boots", "lent", order(1).toString());
        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(answer.body()).contains("can't be delegated");
    }

    @Test
    void whatOpenStackRefusesLeavesNoTrust() throws Exception {
        ObjectNode order = order(1);
        order.putObject("source").put("type", "image").put("id", FakeCloud.MISSING);
        HttpResponse<String> answer = send("POST", "/v1/boots", "member", order.toString());
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(JSON.readTree(answer.body()).get("field").asText()).isEqualTo("source");
        assertThat(cloud.trusts()).isEmpty();
    }

    @Test
    void aProjectHasLimits() throws Exception {
        cloud.building(true);
        HttpResponse<String> many = send("POST", "/v1/boots", "member", order(51).toString());
        assertThat(many.statusCode()).isEqualTo(403);
        assertThat(many.body()).contains("\"count\"");
        for (int i = 0; i < 3; i++) {
            create(order(1));
        }
        assertThat(send("POST", "/v1/boots", "member", order(1).toString()).statusCode())
                .isEqualTo(403);
        assertThat(send("POST", "/v1/boots", "other", order(1).toString()).statusCode())
                .isEqualTo(202);
    }

    @Test
    void userDataReachNovaAndAreNotReadableBefore() throws Exception {
        cloud.building(true);
        String secret =
                Base64.getEncoder()
                        .encodeToString("#!/bin/sh\npassword".getBytes(StandardCharsets.UTF_8));
        String id = create(order(1).put("user_data", secret));
        Await.until(() -> !cloud.orders().isEmpty());
        assertThat(cloud.orders().getFirst().userData()).isEqualTo(secret);
        assertThat(rows(id)).doesNotContain(secret).contains("user_data=");
        cloud.building(false);
        awaitState(id, "completed");
        assertThat(rows(id)).contains("user_data=null");
    }

    private String rows(String id) {
        return present(nova)
                .database
                .<List<String>>read(tx ->
                        tx.list(
                                row -> String.valueOf(row.all()),
                                "SELECT * FROM virtman_nova.boot WHERE id = ?",
                                id))
                .toString();
    }

    @Test
    void figuresAreOpenToAll() throws Exception {
        assertThat(send("GET", "/healthz", null, null).body()).isEqualTo("leading\n");
        assertThat(send("GET", "/metrics", null, null).body())
                .contains("virtman_nova_window ")
                .contains("# TYPE virtman_nova_servers_built_total counter\n");
    }
}
