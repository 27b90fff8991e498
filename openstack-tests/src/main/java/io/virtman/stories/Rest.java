package io.virtman.stories;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls Cinder's API without a client, for many calls at once. Threads may share one. */
final class Rest {
    /** Above Cinder's own limit of 60 s for a backend's answer. */
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String VOLUMES = "http://127.0.0.1:8776/v3/";

    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .connectTimeout(Duration.ofSeconds(10))
                    .build();
    private final String token;
    private final String project;

    /**
     * What the API has said.
     *
     * @param body of an error too
     */
    record Answer(int status, JsonNode body) {
        Answer orFail() {
            if (status >= 300) {
                throw new AssertionError(status + ": " + body);
            }
            return this;
        }
    }

    private Rest(Map<String, String> openrc) {
        Map<String, Object> domain = Map.of("id", "default");
        Map<String, Object> user =
                Map.of(
                        "name",
                        openrc.getOrDefault("OS_USERNAME", ""),
                        "domain",
                        domain,
                        "password",
                        openrc.getOrDefault("OS_PASSWORD", ""));
        Map<String, Object> scope =
                Map.of("name", openrc.getOrDefault("OS_PROJECT_NAME", ""), "domain", domain);
        Map<String, Object> password =
                Map.of("methods", new String[] {"password"}, "password", Map.of("user", user));
        HttpRequest request =
                HttpRequest.newBuilder(
                                URI.create(openrc.getOrDefault("OS_AUTH_URL", "") + "/auth/tokens"))
                        .header("Content-Type", "application/json")
                        .timeout(LIMIT)
                        .POST(
                                body(
                                        Map.of(
                                                "auth",
                                                Map.of(
                                                        "identity",
                                                        password,
                                                        "scope",
                                                        Map.of("project", scope)))))
                        .build();
        HttpResponse<String> response = send(request);
        token =
                response.headers()
                        .firstValue("X-Subject-Token")
                        .orElseThrow(
                                () -> new AssertionError("Keystone: " + response.statusCode()));
        project = parse(response.body()).at("/token/project/id").asText();
    }

    /** With a token of the account `admin`. */
    static Rest admin() {
        return new Rest(Bed.openrc("admin"));
    }

    /** Asks for a volume; answers with its id. */
    String createVolume(String name, Map<String, Object> fields) {
        Map<String, Object> volume = new HashMap<>(fields);
        volume.put("name", name);
        return call("POST", "volumes", Map.of("volume", volume))
                .orFail()
                .body()
                .at("/volume/id")
                .asText();
    }

    Answer deleteVolume(String id) {
        return call("DELETE", "volumes/" + id, null);
    }

    /** Reserves a volume for nobody in particular; answers with the attachment's id. */
    String createAttachment(String volume) {
        return attachment(Map.of("volume_uuid", volume));
    }

    /** The same for a server, as Nova does first. */
    String createAttachment(String volume, String server) {
        return attachment(Map.of("volume_uuid", volume, "instance_uuid", server));
    }

    private String attachment(Map<String, Object> fields) {
        return call("POST", "attachments", Map.of("attachment", fields))
                .orFail()
                .body()
                .at("/attachment/id")
                .asText();
    }

    /** Asks for the volume on a host, as Nova does next. */
    Answer connectAttachment(String attachment, String host) {
        Map<String, Object> connector =
                Map.of(
                        "host", host,
                        "ip", "127.0.0.1",
                        "platform", "x86_64",
                        "os_type", "linux",
                        "multipath", false,
                        "mountpoint", "/dev/vdb");
        return call(
                "PUT",
                "attachments/" + attachment,
                Map.of("attachment", Map.of("connector", connector)));
    }

    Answer completeAttachment(String attachment) {
        return call(
                "POST", "attachments/" + attachment + "/action", Map.of("os-complete", Map.of()));
    }

    Answer deleteAttachment(String attachment) {
        return call("DELETE", "attachments/" + attachment, null);
    }

    private Answer call(String method, String path, @Nullable Map<String, Object> body) {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(VOLUMES + project + "/" + path))
                        .header("Content-Type", "application/json")
                        .header("X-Auth-Token", token)
                        .header("OpenStack-API-Version", "volume 3.64")
                        .timeout(LIMIT)
                        .method(
                                method,
                                body == null ? HttpRequest.BodyPublishers.noBody() : body(body))
                        .build();
        HttpResponse<String> response = send(request);
        return new Answer(response.statusCode(), parse(response.body()));
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(request.method() + " " + request.uri() + " failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private static HttpRequest.BodyPublisher body(Map<String, Object> content) {
        try {
            return HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(content));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }
}
