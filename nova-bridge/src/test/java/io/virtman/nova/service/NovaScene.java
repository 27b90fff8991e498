package io.virtman.nova.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.bridge.config.DatabaseOptions;
import io.virtman.bridge.config.KeystoneOptions;
import io.virtman.bridge.config.NovaConfiguration;
import io.virtman.bridge.config.NovaOptions;
import io.virtman.nova.database.TestNova;
import io.virtman.testkit.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** The service with a real MariaDB and a fake OpenStack, over HTTP. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class NovaScene {
    static final ObjectMapper JSON = new ObjectMapper();
    static final String SNAPSHOT = "11111111-2222-3333-4444-555555555555";

    private final HttpClient client = HttpClient.newHttpClient();
    private Path files = Path.of("");
    @Nullable TestNova nova;
    FakeCloud cloud = new FakeCloud();
    @Nullable NovaService service;
    private String mine = "";

    @BeforeAll
    void startDatabase(@TempDir Path directory) throws Exception {
        files = directory;
        nova = new TestNova(directory);
    }

    @AfterAll
    void stopDatabase() throws Exception {
        present(nova).close();
        client.close();
    }

    @BeforeEach
    void start() throws Exception {
        present(nova)
                .execute(
                        "DELETE FROM virtman_nova.boot; DELETE FROM virtman_nova.batch;"
                                + " DELETE FROM virtman_nova.server");
        cloud = new FakeCloud();
        mine = UUID.randomUUID().toString().replace("-", "");
        cloud.user("member", mine, "member");
        cloud.user("reader", mine, "reader");
        cloud.user("nobody", mine);
        cloud.user("admin", "the-admins-project", "admin");
        cloud.user("other", "another-project", "member");
        cloud.user("lent", mine, "member");
        service = begin();
    }

    @AfterEach
    void stop() {
        present(service).close();
    }

    static <T> T present(@Nullable T thing) {
        if (thing == null) {
            throw new IllegalStateException("not started");
        }
        return thing;
    }

    NovaService begin() throws Exception {
        NovaConfiguration configuration =
                new NovaConfiguration(
                        new DatabaseOptions(
                                "127.0.0.1:" + present(nova).server.port(),
                                "virtman_nova",
                                "virtman_nova",
                                "a-password-for-tests",
                                4),
                        new KeystoneOptions(
                                URI.create("http://127.0.0.1:1"),
                                "user",
                                "password",
                                "service",
                                "Default",
                                "Default",
                                Optional.empty(),
                                KeystoneOptions.Interface.PUBLIC,
                                Optional.empty()),
                        new NovaOptions(
                                "127.0.0.1",
                                0,
                                files.resolve("key"),
                                Optional.empty(),
                                Duration.ofHours(1),
                                Duration.ofSeconds(30),
                                Duration.ofMinutes(10),
                                Duration.ofMillis(20),
                                8,
                                100,
                                4,
                                2,
                                3,
                                50),
                        Duration.ofSeconds(3),
                        false);
        NovaService started = NovaService.start(configuration, cloud);
        assertThat(started.awaitLeadership(Duration.ofSeconds(20))).isTrue();
        return started;
    }

    HttpResponse<String> send(
            String method,
            String path,
            @Nullable String token,
            @Nullable String body,
            String... headers)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + present(service).port() + path))
                        .method(
                                method,
                                body == null
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString(body));
        if (token != null) {
            request.header("X-Auth-Token", token);
        }
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    static ObjectNode order(int count) {
        ObjectNode order = JSON.createObjectNode();
        order.put("name", "web").put("count", count).put("flavor", "t.tiny");
        order.putObject("source").put("type", "snapshot").put("id", SNAPSHOT);
        order.put("networks", "none");
        return order;
    }

    String create(ObjectNode order, String... headers) throws Exception {
        HttpResponse<String> answer =
                send("POST", "/v1/boots", "member", order.toString(), headers);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        String id = JSON.readTree(answer.body()).get("id").asText();
        assertThat(answer.headers().firstValue("Location").orElseThrow())
                .endsWith("/v1/boots/" + id);
        return id;
    }

    JsonNode boot(String id) {
        try {
            HttpResponse<String> answer = send("GET", "/v1/boots/" + id, "member", null);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            return JSON.readTree(answer.body());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    void awaitState(String id, String state) {
        Await.until(() -> boot(id).get("state").asText().equals(state));
    }
}
