package io.virtman.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.volt.ManualTime;
import io.virtman.volt.MemoryCatalogueStore;
import io.virtman.volt.Volt;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is sent, the answer is a problem that says what is wrong, and nothing breaks. */
class HostileRequestTest {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static Volt volt;
    private static RestServer server;

    /** A resource with a fault. */
    @Path("/broken")
    public static final class Broken {
        @GET
        public String get() {
            return Integer.toString(Integer.parseInt("internal secret"));
        }
    }

    @BeforeAll
    static void start() {
        volt =
                new Volt(
                        new MemoryCatalogueStore(),
                        (_, _) -> {},
                        new ManualTime(),
                        2,
                        Duration.ofSeconds(1));
        List<Object> resources = new ArrayList<>(VoltResources.of(volt));
        resources.add(new Broken());
        server = VoltOverHttpTest.serve(resources);
    }

    @AfterAll
    static void stop() {
        server.close();
        volt.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "EMPTY",
            value = {
                "EMPTY | body",
                "null | body",
                "hello | body",
                "{ | body",
                "[] | body",
                "\"x\" | body",
                "{} | name",
                "{\"name\":\"a\",\"origin\":\"o\"} | format",
                "{\"name\":null,\"origin\":\"o\",\"format\":\"raw\"} | name",
                "{\"name\":7,\"origin\":\"o\",\"format\":\"raw\"} | name",
                "{\"name\":{},\"origin\":\"o\",\"format\":\"raw\"} | name",
                "{\"name\":\"a\",\"origin\":\"o\",\"format\":\"raw\",\"more\":1} | more",
                "{\"name\":\"a\",\"name\":\"b\",\"origin\":\"o\",\"format\":\"raw\"} | EMPTY",
                "{\"name\":\"a\",\"origin\":\"o\",\"format\":\"raw\"} {} | body",
                "{\"name\":\"a/b\",\"origin\":\"o\",\"format\":\"raw\"} | name",
                "{\"name\":\"a\\u0000\",\"origin\":\"o\",\"format\":\"raw\"} | name",
                "{\"name\":\"a\",\"origin\":\"..\",\"format\":\"raw\"} | origin"
            })
    void aBodyThatIsWrongIsRefusedByField(@Nullable String body, @Nullable String field)
            throws Exception {
        Problem problem = problem(send("POST", "/v1/images", body), 400);
        if (field != null) {
            assertThat(problem.field()).isEqualTo(field);
        }
        assertThat(problem.detail()).doesNotContain("io.virtman", "jackson", "\n");
        assertThat(volt.images()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"digest\":\"x\",\"size\":\"12\"} | size",
                "{\"digest\":\"x\",\"size\":1.5} | size",
                "{\"digest\":\"x\",\"size\":99999999999999999999} | size",
                "{\"digest\":\"x\",\"size\":null} | size",
                "{\"digest\":\"x\",\"size\":true} | size",
                "{\"digest\":\"x\"} | size"
            })
    void numbersAreNotGuessed(String body, String field) throws Exception {
        assertThat(problem(send("PUT", "/v1/images/a/seal", body), 400).field()).isEqualTo(field);
    }

    @Test
    void nestedFieldsAreNamedByTheirPath() throws Exception {
        String node = "{\"name\":\"n\",\"rest\":\"http://h:1\",\"peer\":\"h:1\"}";
        String begin =
                "{\"node\":"
                        + node
                        + ",\"peerBytesIn\":0,\"peerBytesOut\":0,\"layerBytesTotal\":0,"
                        + "\"layerBytesFree\":0,\"layerBytesProvisioned\":0,";
        String path = "/v1/nodes/n/heartbeat";
        String attachment =
                "{\"image\":\"i\",\"epoch\":\"x\",\"position\":0,\"bytesInByParent\":{},"
                        + "\"bytesOut\":0,\"cachedBytes\":0}";
        String body = begin + "\"complaints\":{},\"attachments\":[" + attachment + "]}";
        assertThat(problem(send("POST", path, body), 400).field())
                .isEqualTo("attachments[0].epoch");
        body = begin + "\"complaints\":{},\"attachments\":[null]}";
        assertThat(problem(send("POST", path, body), 400).field()).startsWith("attachments");
        body = begin + "\"complaints\":{\"a\":null},\"attachments\":[]}";
        assertThat(problem(send("POST", path, body), 400).field()).startsWith("complaints");
        body = begin + "\"complaints\":{},\"attachments\":[]}";
        assertThat(send("POST", path, body).statusCode()).isEqualTo(200);
        assertThat(problem(send("POST", "/v1/nodes/m/heartbeat", body), 400).field())
                .isEqualTo("node");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://h",
                "h:1",
                "ftp://h:1",
                "http://h:99999",
                "http://u@h:1",
                "http://h:1/x",
                "http://h:1?x",
                "http://h h:1"
            })
    void onlyAddressesOfNodesAreTaken(String rest) throws Exception {
        String body = "{\"name\":\"n\",\"rest\":\"" + rest + "\",\"peer\":\"h:1\"}";
        assertThat(problem(send("PUT", "/v1/images/a/members/n", body), 400).field())
                .isEqualTo("node.rest");
    }

    @Test
    void deepAndLargeBodiesAreRefused() throws Exception {
        problem(send("POST", "/v1/images", "[".repeat(100_000)), 400);
        problem(send("POST", "/v1/images", "{\"name\":".repeat(100_000)), 400);
        String large = "{\"name\":\"" + "x".repeat(2 << 20) + "\"}";
        problem(send("POST", "/v1/images", large), 413);
        assertThat(send("GET", "/v1/images", null).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/images/..%2f..%2fetc%2fpasswd",
                "/v1/images/a%2fb",
                "/v1/images/%00",
                "/v1/images/%0a%1b",
                "/v1/images/%2e%2e",
                "/v1/images/%c3%28",
                "/v1/images/a%20b/hierarchy"
            })
    void namesThatAreNoneAreRefused(String path) throws Exception {
        Problem problem = problem(send("GET", path, null), 400);
        assertThat(problem.field()).isEqualTo("image");
        assertThat(problem.detail()).doesNotContain("\n", "\u001b", "\u0000");
    }

    @Test
    void unknownPathsMethodsAndTypesAreProblemsToo() throws Exception {
        problem(send("GET", "/", null), 404);
        problem(send("GET", "/v2/images", null), 404);
        problem(send("GET", "/v1/images/a/b/c", null), 404);
        problem(send("GET", "/v1/images/unknown", null), 404);
        HttpResponse<String> wrong = send("PATCH", "/v1/images", "{}");
        problem(wrong, 405);
        assertThat(wrong.headers().firstValue("Allow").orElse("")).contains("POST");
        HttpRequest.Builder text = request("POST", "/v1/images", "{}");
        problem(send(text.setHeader("Content-Type", "text/plain")), 415);
        problem(send(request("POST", "/v1/images", "{}").setHeader("Content-Type", "json")), 400);
        problem(send(request("GET", "/v1/images", null).setHeader("Accept", "text/html")), 406);
    }

    @Test
    void aFaultOfOursShowsANumberOnly() throws Exception {
        HttpResponse<String> response = send("GET", "/broken", null);
        Problem problem = problem(response, 500);
        assertThat(problem.detail()).matches("error [0-9a-f-]{36}");
        assertThat(response.body()).doesNotContain("secret", "Exception", "at ");
    }

    @SuppressWarnings("StringConcatToTextBlock") // line ends matter here
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "GET /v1/images HTTP/1.1\r\nConnection: close\r\n\r\n",
                "GET /v1/images HTTP/1.1\r\nHost: a b<>\u0001\r\nConnection: close\r\n\r\n",
                "GET //etc//passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "POST /v1/images HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n"
                        + "Connection: close\r\n\r\n",
                "\u0000\u0001\u0002\r\n\r\n"
            })
    void whatIsHardlyHttpDoesNotStopTheServer(String bytes) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).doesNotContain("io.virtman", "at org.", "at java.");
        } catch (IOException e) {
            assertThat(e).as("the connection was cut").hasMessageContaining("reset");
        }
        assertThat(send("GET", "/v1/status", null).statusCode()).isEqualTo(200);
    }

    @Test
    void metricsAndDescriptionAreServed() throws Exception {
        String metrics = send("GET", "/metrics", null).body();
        assertThat(metrics)
                .contains(
                        "# TYPE virtman_volt_members gauge\nvirtman_volt_members 0\n",
                        "virtman_volt_nodes_alive ",
                        "virtman_volt_joins_total ",
                        "virtman_volt_parent_changes_total ",
                        "virtman_volt_images ");
        assertThat(send("GET", "/v1/openapi.yaml", null).body()).startsWith("openapi: 3.1.0");
        assertThat(volt.add("when", "o", "raw").created().toString()).endsWith("Z");
        assertThat(send("GET", "/v1/images/when", null).body()).contains("\"created\":\"20");
        volt.remove("when");
    }

    private static Problem problem(HttpResponse<String> response, int status) throws IOException {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValue("application/problem+json");
        Problem problem = Json.STRICT.readValue(response.body(), Problem.class);
        assertThat(problem.status()).isEqualTo(status);
        return problem;
    }

    private static HttpRequest.Builder request(String method, String path, @Nullable String body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port()).resolve(path))
                .method(
                        method,
                        body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", "application/json");
    }

    private static HttpResponse<String> send(String method, String path, @Nullable String body)
            throws Exception {
        return send(request(method, path, body));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }
}
