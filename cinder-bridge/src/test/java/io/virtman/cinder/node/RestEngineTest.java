package io.virtman.cinder.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.virtman.bridge.deadline.Deadline;
import io.virtman.cinder.engine.EngineDisk;
import io.virtman.cinder.engine.EngineHost;
import io.virtman.cinder.engine.EngineImage;
import io.virtman.cinder.engine.RemoteSource;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.rest.NodeResources;
import io.virtman.rest.RestServer;
import io.virtman.rest.VoltResources;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The engine over real HTTP, with the resources of real nodes and of a real Volt. */
class RestEngineTest {
    private static final String DISK = "volume-e332851b-f2ac-48a5-b997-afee8a25d80c";

    private final FakeNode node = new FakeNode();
    private final FakeVolt volt = new FakeVolt();
    private RestServer nodeServer;
    private RestServer voltServer;
    private RestEngine engine;
    private boolean voltGone;

    @SuppressWarnings("NullAway.Init") // before each test
    RestEngineTest() {}

    @BeforeEach
    void start() {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        nodeServer = RestServer.start(any, NodeResources.of(node));
        voltServer = RestServer.start(any, VoltResources.of(volt));
        volt.nodes =
                List.of(
                        FakeVolt.node("n1", nodeServer.port(), true),
                        FakeVolt.node("n2", 1, false));
        engine =
                new RestEngine(
                        URI.create("http://127.0.0.1:" + voltServer.port()),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5));
    }

    @AfterEach
    void stop() {
        nodeServer.close();
        if (!voltGone) {
            voltServer.close();
        }
    }

    private void endVolt() {
        voltServer.close();
        voltGone = true;
    }

    private static Kind kind(ThrowingCallable call) {
        return Objects.requireNonNull(catchThrowableOfType(ProblemException.class, call)).kind();
    }

    @Test
    void hostsAreVoltsNodes() {
        assertThat(engine.hosts())
                .containsExactly(
                        new EngineHost("n1", true, 1000, 600),
                        new EngineHost("n2", false, 1000, 600));
    }

    @Test
    void aDiskComesAndGoes() {
        assertThat(engine.disk("n1", DISK)).isEmpty();

        assertThat(engine.attach("n1", DISK, null, 4096)).isEqualTo("/export/" + DISK);
        assertThat(engine.attach("n1", DISK, null, 4096)).isEqualTo("/export/" + DISK);
        assertThat(engine.disks("n1")).containsExactly(new EngineDisk(DISK, 4096, false, true));
        engine.detach("n1", DISK);
        engine.extend("n1", DISK, 8192);
        assertThat(engine.disk("n1", DISK)).contains(new EngineDisk(DISK, 8192, true, false));
        EngineImage image = engine.snapshot("n1", DISK, "cinder-x");
        assertThat(image.origin()).isEqualTo("n1");
        assertThat(image.bytes()).isEqualTo(8192);
        engine.discard("n1", DISK);
        assertThat(engine.disks("n1")).isEmpty();
    }

    @Test
    void onlyADiskWithoutDataIsDiscardedUnwritten() {
        engine.discardUnwritten("n1", DISK);
        engine.attach("n1", DISK, null, 4096);
        assertThat(kind(() -> engine.discardUnwritten("n1", DISK))).isEqualTo(Kind.CONFLICT);
        engine.detach("n1", DISK); // by now somebody wrote
        assertThat(kind(() -> engine.discardUnwritten("n1", DISK))).isEqualTo(Kind.CONFLICT);

        assertThat(engine.disks("n1")).hasSize(1);
    }

    @Test
    void aDiskLargerThanItsVolumeIsAttachedAsItIs() {
        engine.attach("n1", DISK, null, 4096);
        engine.detach("n1", DISK);
        engine.extend("n1", DISK, 8192); // and the answer was lost

        assertThat(engine.attach("n1", DISK, null, 4096)).isEqualTo("/export/" + DISK);

        assertThat(engine.disk("n1", DISK).orElseThrow().bytes()).isEqualTo(8192);
        assertThat(kind(() -> engine.attach("n1", DISK, null, 16384))).isEqualTo(Kind.CONFLICT);
    }

    @Test
    void aSmallerDiskThatWasLeftOverGivesWayUnlessItWasWritten() {
        node.create(DISK, null, 4096L);

        engine.attach("n1", DISK, null, 8192);

        assertThat(engine.disk("n1", DISK).orElseThrow().bytes()).isEqualTo(8192);
        engine.detach("n1", DISK); // by now somebody wrote
        assertThat(kind(() -> engine.attach("n1", DISK, null, 16384))).isEqualTo(Kind.CONFLICT);
        assertThat(engine.disk("n1", DISK).orElseThrow().bytes()).isEqualTo(8192);
    }

    @Test
    void whatIsNotThereNeedsNoRemoval() {
        engine.detach("n1", DISK);
        engine.discard("n1", DISK);
        engine.removeImage("n1", "id");
        engine.removeImage("n1", "id");
        assertThat(engine.image("unknown")).isEmpty();
        assertThat(engine.image("known").orElseThrow().state())
                .isEqualTo(EngineImage.State.IMPORTING);
    }

    @Test
    void aHostWithoutANodeAndOneThatDoesNotAnswerAreTold() {
        assertThat(kind(() -> engine.attach("n9", DISK, null, 1))).isEqualTo(Kind.NOT_FOUND);
        assertThat(kind(() -> engine.discard("n9", DISK))).isEqualTo(Kind.NOT_FOUND);
        assertThat(kind(() -> engine.attach("n2", DISK, null, 1))).isEqualTo(Kind.UNAVAILABLE);
        assertThat(kind(() -> engine.disk("n2", DISK))).isEqualTo(Kind.UNAVAILABLE);
    }

    @Test
    void aNodeIsNotAskedWhenTheRequestsTimeIsOver() {
        Deadline.within(
                Duration.ZERO,
                () ->
                        assertThat(kind(() -> engine.attach("n1", DISK, null, 1)))
                                .isEqualTo(Kind.UNAVAILABLE));

        assertThat(engine.disk("n1", DISK)).isEmpty();
    }

    /** One whose own limits end nothing. */
    private static RestEngine patient(int volt) {
        return new RestEngine(
                URI.create("http://127.0.0.1:" + volt), Duration.ofHours(1), Duration.ofHours(1));
    }

    @Test
    void aSilentNodeIsNotWaitedForAsLongAsOneThatIsThere() throws IOException {
        try (ServerSocket hung = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            volt.nodes = List.of(FakeVolt.node("n3", hung.getLocalPort(), false));
            RestEngine patient = patient(voltServer.port());

            assertTimeoutPreemptively(
                    Duration.ofSeconds(30),
                    () ->
                            assertThat(kind(() -> patient.detach("n3", DISK)))
                                    .isEqualTo(Kind.UNAVAILABLE));
        }
    }

    @Test
    void voltIsNotWaitedForWhenTheRequestsTimeIsOver() throws IOException {
        try (ServerSocket hung = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            RestEngine patient = patient(hung.getLocalPort());

            assertTimeoutPreemptively(
                    Duration.ofSeconds(30),
                    () ->
                            Deadline.within(
                                    Duration.ofMillis(50),
                                    () -> {
                                        assertThat(kind(patient::hosts))
                                                .isEqualTo(Kind.UNAVAILABLE);
                                        assertThat(kind(() -> patient.image("known")))
                                                .isEqualTo(Kind.UNAVAILABLE);
                                        return true;
                                    }));
        }
    }

    @Test
    void aDiskThatIsHalfDestroyedIsNobodysDisk() {
        engine.attach("n1", DISK, null, 4096);
        node.halfDestroy(DISK);

        assertThat(engine.disk("n1", DISK).orElseThrow().destroying()).isTrue();
        assertThat(engine.disks("n1")).allMatch(EngineDisk::destroying);
        assertThat(kind(() -> engine.attach("n1", DISK, null, 4096))).isEqualTo(Kind.CONFLICT);
        engine.discard("n1", DISK);
        assertThat(engine.disk("n1", DISK)).isEmpty();
    }

    @Test
    void imagesAreImportedAtWhateverRate() {
        for (long rate : new long[] {0, 1, 1 << 20}) {
            EngineImage image =
                    engine.importRemote(
                            "n1",
                            new RemoteSource(
                                    "glance-x",
                                    URI.create("http://glance/x"),
                                    Map.of("X-Auth-Token", "secret"),
                                    "raw",
                                    4096,
                                    "sha512",
                                    "ab",
                                    rate));
            assertThat(image.bytes()).isEqualTo(4096);
        }

        assertThat(node.imported)
                .extracting(each -> each.maximumBytesPerSecond())
                .containsExactly(1L << 40, 1L << 16, 1L << 20);
        assertThat(node.imported.getFirst().headers()).containsEntry("X-Auth-Token", "secret");
        engine.renewCredential("n1", "id", Map.of("X-Auth-Token", "other"));
        assertThat(node.credentials).containsEntry("id", Map.of("X-Auth-Token", "other"));
    }

    @Test
    void nodesThatAreKnownAreReachedWhileVoltIsAway() {
        engine.attach("n1", DISK, null, 4096);
        endVolt();

        engine.detach("n1", DISK);
        engine.discard("n1", DISK);

        assertThat(engine.hosts()).hasSize(2);
        assertThat(kind(() -> engine.image("known"))).isEqualTo(Kind.UNAVAILABLE);
    }

    @Test
    void nothingIsKnownOfNodesBeforeVoltWasEverHeard() {
        endVolt();

        assertThat(kind(() -> engine.hosts())).isEqualTo(Kind.UNAVAILABLE);
    }
}
