package io.virtman.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.node.ExportState;
import io.virtman.node.GuestRequest;
import io.virtman.node.ImportProgress;
import io.virtman.node.NodeApi;
import io.virtman.node.NodeReport;
import io.virtman.node.RemoteImage;
import io.virtman.node.VmRecord;
import io.virtman.node.VmView;
import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.ImageState;
import io.virtman.volt.NodeAddress;
import io.virtman.volt.ParentEntry;
import io.virtman.volt.ParentList;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A node as its clients see it, over real HTTP: every call arrives as it was made. */
class NodeHttpTest {
    private static final VmView VM =
            new VmView(
                    "vm1",
                    "n1",
                    "id",
                    "debian",
                    1024,
                    VmRecord.State.READY,
                    "/x",
                    new VmView.GuestView(true, 7, "kvm", "/c", null, null),
                    new VmView.ExportView(ExportState.RESTARTED, "/e", "died"),
                    true,
                    4096,
                    65536);
    private static final NodeReport REPORT =
            new NodeReport(
                    new NodeAddress("n1", "http://h:1", "h:2"),
                    List.of(
                            new NodeReport.ImageReport(
                                    "id", "debian", 1, Map.of("o", "works"), Map.of("o", 5L))),
                    1,
                    2,
                    3,
                    4,
                    5,
                    6,
                    7,
                    8,
                    9,
                    10);
    private static final ImageRecord IMAGE =
            new ImageRecord(
                    "id",
                    "debian",
                    ImageState.IMPORTING,
                    0,
                    null,
                    "n1",
                    "raw",
                    Instant.EPOCH,
                    null);

    /** Writes down what it is asked. */
    private static final class Listener implements NodeApi {
        final List<Object> heard = new ArrayList<>();

        @Override
        public NodeReport report() {
            return REPORT;
        }

        @Override
        public ImageRecord importImage(String name, String path, String format) {
            heard.add(List.of(name, path, format));
            return IMAGE;
        }

        @Override
        public ImageRecord importRemote(RemoteImage image) {
            heard.add(List.of(image.url(), image.headers(), image.length()));
            return IMAGE;
        }

        @Override
        public void renewCredential(String image, Map<String, String> headers) {
            heard.add(List.of("renew", image, headers));
        }

        @Override
        public ImportProgress importProgress(String image) {
            return new ImportProgress(image, 1, 2);
        }

        @Override
        public void removeSource(String image) {
            heard.add("remove " + image);
        }

        @Override
        public VmView create(String vm, @Nullable String image, @Nullable Long size) {
            heard.add(Names.require("vm", vm) + " of " + image + " " + size);
            return VM;
        }

        @Override
        public VmView export(String vm) {
            heard.add("export " + vm);
            return VM;
        }

        @Override
        public VmView unexport(String vm) {
            heard.add("unexport " + vm);
            return VM;
        }

        @Override
        public VmView extend(String vm, long size) {
            heard.add("extend " + vm + " " + size);
            return VM;
        }

        @Override
        public ImageRecord snapshot(String vm, String image) {
            heard.add("snapshot " + vm + " " + image);
            return IMAGE;
        }

        @Override
        public void destroy(String vm) {
            throw new ProblemException(Kind.NOT_FOUND, "vm", "no VM " + vm, "list them");
        }

        @Override
        public void destroyUnwritten(String vm) {
            heard.add("destroy unwritten " + vm);
        }

        @Override
        public List<VmView> vms() {
            return List.of(VM, VM);
        }

        @Override
        public VmView vm(String vm) {
            return VM;
        }

        @Override
        public VmView start(String vm, GuestRequest request) {
            heard.add(request);
            return VM;
        }

        @Override
        public VmView stop(String vm) {
            heard.add("stop " + vm);
            return VM;
        }

        @Override
        public void parents(ParentList list) {
            heard.add(list);
        }
    }

    private final Listener node = new Listener();
    private final RestServer server = VoltOverHttpTest.serve(NodeResources.of(node));
    private final NodeClient client =
            new NodeClient(VoltOverHttpTest.uri(server), Duration.ofSeconds(20));

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void allOfTheInterfaceWorksFromAfar() {
        assertThat(client.report()).isEqualTo(REPORT);
        assertThat(client.vms()).containsExactly(VM, VM);
        assertThat(client.vm("vm1")).isEqualTo(VM);
        assertThat(client.create("vm1", "debian", null)).isEqualTo(VM);
        assertThat(client.create("vm1", "debian", 5L)).isEqualTo(VM);
        assertThat(client.create("vm1", null, 5L)).isEqualTo(VM);
        assertThat(client.export("vm1")).isEqualTo(VM);
        assertThat(client.extend("vm1", 6)).isEqualTo(VM);
        assertThat(client.unexport("vm1")).isEqualTo(VM);
        assertThat(client.snapshot("vm1", "golden")).isEqualTo(IMAGE);
        GuestRequest guest = new GuestRequest(64, "/k", "/i", "quiet %n", "up");
        assertThat(client.start("vm1", guest)).isEqualTo(VM);
        assertThat(client.stop("vm1")).isEqualTo(VM);
        assertThat(client.importImage("debian", "/f", "raw")).isEqualTo(IMAGE);
        assertThat(client.importProgress("id")).isEqualTo(new ImportProgress("id", 1, 2));
        client.removeSource("id");
        client.destroyUnwritten("vm1");
        ParentList list = new ParentList("id", 1, 2, 0, 1, List.of(new ParentEntry("o", "h:1", 0)));
        client.parents(list);
        assertThat(node.heard)
                .containsExactly(
                        "vm1 of debian null",
                        "vm1 of debian 5",
                        "vm1 of null 5",
                        "export vm1",
                        "extend vm1 6",
                        "unexport vm1",
                        "snapshot vm1 golden",
                        guest,
                        "stop vm1",
                        List.of("debian", "/f", "raw"),
                        "remove id",
                        "destroy unwritten vm1",
                        list);
        assertThatThrownBy(() -> client.destroy("vm2"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> {
                            assertThat(problem.kind()).isEqualTo(Kind.NOT_FOUND);
                            assertThat(problem.detail()).isEqualTo("no VM vm2");
                        });
    }

    @Test
    void anUnknownConditionDestroysNothing() throws Exception {
        for (String condition : List.of("written", "", "unwritten%20")) {
            HttpResponse<String> response = send("DELETE", "/v1/vms/vm1?if=" + condition, "");
            assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        }
        assertThat(node.heard).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/vms/a | [] | body",
                "/v1/vms/a | {\"image\":7} | image",
                "/v1/vms/a/size | {} | size",
                "/v1/vms/a/size | {\"size\":1.5} | size",
                "/v1/vms/a | {\"image\":\"i\",\"size\":\"1\"} | size",
                "/v1/vms/a | {\"image\":\"i\",\"size\":1.5} | size",
                "/v1/vms/a | {\"image\":\"i\",\"more\":1} | more",
                "/v1/vms/%2e%2e%2fx | {\"image\":\"i\"} | vm",
                "/v1/vms/%00 | {\"image\":\"i\"} | vm",
                "/v1/vms/a/guest | {} | memoryMebibytes",
                "/v1/vms/a/guest | {\"memoryMebibytes\":1e99} | memoryMebibytes",
                "/v1/vms/a/guest | {\"memoryMebibytes\":64,\"kernel\":[]} | kernel",
                "/v1/attachments/a/parents | {} | image",
                "/v1/attachments/a/parents | {\"image\":\"b\",\"term\":1,\"epoch\":1,"
                        + "\"position\":0,\"level\":1,\"parents\":[]} | image"
            })
    void aBodyThatIsWrongIsRefusedByField(String path, String body, String field) throws Exception {
        HttpResponse<String> response = send("PUT", path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        Problem problem = Json.STRICT.readValue(response.body(), Problem.class);
        assertThat(problem.field()).isEqualTo(field);
        assertThat(problem.detail()).doesNotContain("io.virtman", "jackson", "\n", "\u0000");
        assertThat(node.heard).isEmpty();
    }

    @Test
    void descriptionAndMetricsAreServed() throws Exception {
        assertThat(send("GET", "/v1/openapi.yaml", "").body())
                .startsWith("openapi: 3.1.0\n")
                .contains("title: VirtMan node");
        assertThat(send("GET", "/metrics", "").body())
                .contains(
                        "# TYPE virtman_node_vms gauge\nvirtman_node_vms 1\n",
                        "virtman_node_peer_out_bytes_total 2\n",
                        "virtman_node_cache_failures_total 7\n",
                        "virtman_node_layer_bytes 8\n",
                        "virtman_node_layer_free_bytes 9\n",
                        "virtman_node_layer_provisioned_bytes 10\n");
        assertThat(send("POST", "/v1/sources", "{}").statusCode()).isEqualTo(400);
        assertThat(send("PATCH", "/v1/vms/a", "{}").statusCode()).isEqualTo(405);
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
            return http.send(
                    HttpRequest.newBuilder(uri)
                            .method(
                                    method,
                                    body.isEmpty()
                                            ? BodyPublishers.noBody()
                                            : BodyPublishers.ofString(body))
                            .timeout(Duration.ofSeconds(20))
                            .header("Content-Type", "application/json")
                            .build(),
                    BodyHandlers.ofString());
        }
    }
}
