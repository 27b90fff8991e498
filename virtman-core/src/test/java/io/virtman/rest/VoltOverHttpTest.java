package io.virtman.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.AttachmentReport;
import io.virtman.volt.Heartbeat;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.ImageState;
import io.virtman.volt.ManualTime;
import io.virtman.volt.MemoryCatalogueStore;
import io.virtman.volt.NodeAddress;
import io.virtman.volt.ParentList;
import io.virtman.volt.Volt;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Volt as its clients see it, over real HTTP. */
class VoltOverHttpTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final String DIGEST = "ab".repeat(32);

    private final Volt volt =
            new Volt(
                    new MemoryCatalogueStore(),
                    new RestParentListPush(),
                    new ManualTime(),
                    1,
                    Duration.ofSeconds(1));
    private final RestServer server = serve(VoltResources.of(volt));
    private final VoltClient client = new VoltClient(uri(server), TIMEOUT);

    @AfterEach
    void stop() {
        server.close();
        volt.close();
    }

    @Test
    void allOfTheInterfaceWorksFromAfar() {
        ImageRecord added = client.add("debian", "origin", "raw");
        assertThat(added.state()).isEqualTo(ImageState.IMPORTING);
        assertThat(client.images()).containsExactly(added);
        client.heartbeat(heartbeat("origin", 1));
        assertThat(client.seal("debian", DIGEST, 5).digest()).isEqualTo(DIGEST);
        ParentList first = client.join("debian", node("n1", 1));
        ParentList second = client.join(added.id(), node("n2", 2));
        assertThat(second.parents()).extracting("node").containsExactly("n1", "origin");
        assertThat(client.hierarchy("debian").members()).hasSize(2);
        assertThat(client.hierarchy("debian")).isEqualTo(volt.hierarchy("debian"));
        var report = new AttachmentReport(added.id(), 0, 0, Map.of("origin", 3L), 1, 2);
        var answer =
                client.heartbeat(
                        new Heartbeat(
                                node("n1", 1),
                                List.of(report),
                                1,
                                2,
                                3,
                                4,
                                5,
                                Map.of("origin", "is slow")));
        assertThat(answer.lists()).containsExactly(first);
        assertThat(client.nodes()).isEqualTo(volt.nodes()).hasSize(3);
        assertThat(client.status().members()).isEqualTo(2);
        assertProblem(Kind.CONFLICT, () -> client.remove("debian"));
        client.leave("debian", "n1");
        client.leave("debian", "n2");
        client.remove("debian");
        assertProblem(Kind.NOT_FOUND, () -> client.image("debian"));
        assertProblem(Kind.CONFLICT, () -> client.forget("n1"));
        client.add("bad", "origin", "raw");
        assertThat(client.fail("bad", "no such file: \u00e4 \n").failure())
                .isEqualTo("no such file: \u00e4 ?");
    }

    @Test
    void theProblemArrivesAsItWasThrown() {
        assertThatThrownBy(() -> client.image("x"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> {
                            assertThat(problem.field()).isEqualTo("image");
                            assertThat(problem.detail())
                                    .isEqualTo("no image has the id or name 'x'");
                            assertThat(problem.remedy()).isEqualTo("list the images");
                        });
        assertProblem(Kind.INVALID, () -> client.image(".."));
        assertProblem(Kind.INVALID, () -> client.image("a/../b"));
        assertProblem(Kind.INVALID, () -> client.image("a b\n%2f\u0000"));
    }

    /** What a node serves for pushes. */
    @Path("/v1/attachments")
    @Consumes("application/json")
    public static final class Attachments {
        final BlockingQueue<ParentList> pushed = new LinkedBlockingQueue<>();

        @PUT
        @Path("{image}/parents")
        public void parents(@PathParam("image") String image, ParentList list) {
            assertThat(list.image()).isEqualTo(image);
            pushed.add(list);
        }
    }

    @Test
    void aChangedListIsPushedToItsMember() throws Exception {
        Attachments attachments = new Attachments();
        try (RestServer member = serve(List.of(attachments))) {
            ImageRecord image = client.add("debian", "origin", "raw");
            client.seal("debian", DIGEST, 5);
            client.heartbeat(heartbeat("origin", 1));
            client.join("debian", node("n1", 1)); // nothing listens there
            client.join("debian", node("n2", member.port()));
            client.leave("debian", "n1");
            ParentList list = attachments.pushed.poll(20, TimeUnit.SECONDS);
            assertThat(list).isEqualTo(volt.join(image.id(), node("n2", member.port())));
            assertThat(list).isNotNull();
            assertThat(list.parents()).hasSize(1);
        }
    }

    @Test
    void aServiceThatIsNotThereIsNamed() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
            VoltClient silent = client(port, Duration.ofMillis(200));
            assertThatThrownBy(silent::images).hasMessageContaining("did not answer within 200 ms");
        }
        assertProblem(Kind.UNAVAILABLE, () -> client(port, TIMEOUT).images());
        assertThatThrownBy(() -> client(port, TIMEOUT).images())
                .hasMessageContaining("http://127.0.0.1:" + port + ": cannot be reached");
    }

    private static VoltClient client(int port, Duration timeout) {
        return new VoltClient(URI.create("http://127.0.0.1:" + port + "/"), timeout);
    }

    static RestServer serve(List<?> resources) {
        return RestServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), resources);
    }

    static URI uri(RestServer server) {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    private static NodeAddress node(String name, int port) {
        return new NodeAddress(name, "http://127.0.0.1:" + port, "127.0.0.1:" + port);
    }

    private static Heartbeat heartbeat(String name, int port) {
        return new Heartbeat(node(name, port), List.of(), 0, 0, 0, 0, 0, Map.of());
    }

    private static void assertProblem(Kind kind, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.kind()).isEqualTo(kind));
    }
}
