package io.virtman.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.block.BlockSource;
import io.virtman.image.HashTreeLayout;
import io.virtman.nbd.ExportCatalog;
import io.virtman.nbd.NbdClient;
import io.virtman.nbd.NbdServer;
import io.virtman.nbd.NbdServerLimits;
import io.virtman.nbd.NbdUri;
import io.virtman.testing.MemoryBlockSource;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Parents with a digest: nothing but the right bytes, whoever sends them. */
@Timeout(90)
class ExportSealedTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int FLIPPED = 3_000_000;

    @TempDir Path directory;
    private ExportScene scene;
    private Path disk;
    private RunningExport origin;
    private String digest;

    @BeforeEach
    void open() throws Exception {
        scene = new ExportScene(directory);
        disk = scene.disk("disk.raw");
        origin = RunningExport.start(scene.path("origin"), "--image", disk.toString());
        digest = origin.digest();
    }

    @AfterEach
    void close() throws Exception {
        origin.close();
        scene.close();
    }

    private RunningExport child(String name, String... arguments) throws Exception {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--digest";
        all[arguments.length + 1] = digest;
        return RunningExport.start(scene.path(name), all);
    }

    @Test
    void chainOverTcpAndUnixSocketsVerifiesAndShowsHoles() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (RunningExport middle =
                        RunningExport.start(port, "--parent", origin.uri(), "--digest", digest);
                RunningExport leaf =
                        child("l", "--parent", "nbd://127.0.0.1:1/", "--parent", middle.uri())) {
            scene.requireSame(leaf.uri(), disk);
            assertThat(scene.run("nbdinfo", "--map", leaf.uri()))
                    .containsPattern("1048576 +1048576 +3");
        }
    }

    @Test
    void restartIsWarm() throws Exception {
        Path log = scene.path("reads");
        String[] arguments = {
            "--parent",
            scene.nbdkit("foreign", "--filter=log", "file", disk.toString(), "logfile=" + log),
            "--cache",
            scene.path("a cache, kept").toString()
        };
        try (RunningExport export = child("s", arguments)) {
            assertThat(scene.logged("reading the disk of " + arguments[1])).hasSize(1);
            scene.requireSame(export.uri(), disk);
        }
        long cold = reads(log);
        assertThat(cold).isPositive();
        try (RunningExport export = child("s", arguments)) {
            scene.kill("foreign");
            scene.requireSame(export.uri(), disk);
        }
        assertThat(reads(log)).isEqualTo(cold);
        assertThat(scene.logged("reading the disk of")).hasSize(1);
    }

    private static long reads(Path log) throws Exception {
        try (var lines = Files.lines(log)) {
            return lines.filter(line -> line.contains(" Read ")).count();
        }
    }

    @Test
    void parentThatCorruptsIsNamedAndReplaced() throws Exception {
        Path flipped = scene.flipped(disk, FLIPPED);
        String wrong = scene.nbdkit("wrong", "file", flipped.toString());
        try (RunningExport export = child("s", "--parent", wrong, "--parent", origin.uri())) {
            scene.requireSame(export.uri(), disk);
            assertThat(scene.logged("parent " + wrong + " sent")).hasSize(1);
        }
    }

    @Test
    void parentThatCorruptsAloneLosesOnlyThatRange() throws Exception {
        String cache = scene.path("cache").toString();
        String right = scene.nbdkit("right", "file", disk.toString());
        child("s", "--parent", right, "--cache", cache).close(); // leaves the tree
        String wrong = scene.nbdkit("wrong", "file", scene.flipped(disk, FLIPPED).toString());
        byte[] expected = Files.readAllBytes(disk);
        int bad = FLIPPED / 65_536;
        try (RunningExport export = child("s", "--parent", wrong, "--cache", cache);
                NbdClient client = NbdClient.connect(NbdUri.parse(export.uri()), LONG)) {
            for (int chunk = 0; chunk * 65_536 < expected.length; chunk++) {
                int from = chunk * 65_536;
                int to = Math.min(expected.length, from + 65_536);
                ByteBuffer bytes = ByteBuffer.allocate(to - from);
                if (chunk == bad) {
                    assertThatThrownBy(() -> client.read(from, bytes, LONG))
                            .hasMessageContaining("EIO");
                } else {
                    client.read(from, bytes, LONG);
                    assertThat(bytes.array()).isEqualTo(Arrays.copyOfRange(expected, from, to));
                }
            }
            assertThat(scene.logged("parent " + wrong + " sent")).hasSize(1);
        }
    }

    @Test
    void treeIsMadeOfTheFirstParentThatHasTheRightDisk() throws Exception {
        String wrong = scene.nbdkit("wrong", "file", scene.flipped(disk, FLIPPED).toString());
        String small = scene.nbdkit("small", "memory", "1M");
        assertThat(
                        RunningExport.fail(
                                "--parent",
                                wrong,
                                "--parent",
                                small,
                                "--digest",
                                digest,
                                "--socket",
                                scene.path("s").toString()))
                .startsWith("1 virtman: --digest " + digest + ": no parent has this disk: ")
                .contains(wrong)
                .contains(small)
                .hasLineCount(1);
        String good = scene.nbdkit("good", "file", disk.toString());
        try (RunningExport export =
                child("s", "--parent", wrong, "--parent", small, "--parent", good)) {
            scene.requireSame(export.uri(), disk);
            assertThat(scene.logged("parent " + wrong + " is dropped: its disk has digest"))
                    .hasSize(2);
        }
    }

    @Test
    void wrongSizeIsFoundAtTheStart() throws Exception {
        Path longer = Files.copy(disk, scene.path("longer.raw"));
        scene.run("truncate", "--size=+8192", longer.toString());
        try (RunningExport other =
                RunningExport.start(scene.path("o"), "--image", longer.toString())) {
            other.digest();
            assertThat(
                            RunningExport.fail(
                                    "--parent",
                                    other.uri(),
                                    "--digest",
                                    digest,
                                    "--socket",
                                    scene.path("s").toString()))
                    .startsWith("1 virtman: --digest ")
                    .contains(other.uri());
        }
    }

    @Test
    void parentThatLiesAboutItsSizeIsNamed() throws Exception {
        MemoryBlockSource larger = MemoryBlockSource.random(ExportScene.SIZE + 8192, 3);
        long whole = new HashTreeLayout(larger.size()).wholeSize();
        MemoryBlockSource tree = MemoryBlockSource.random(Math.toIntExact(whole), 4);
        ExportCatalog catalogue =
                new ExportCatalog() {
                    @Override
                    public List<String> names() {
                        return List.of();
                    }

                    @Override
                    public BlockSource open(String name) {
                        return name.isEmpty() ? larger : tree;
                    }
                };
        Path socket = scene.path("liar");
        try (NbdServer liar = new NbdServer("liar", catalogue, NbdServerLimits.standard())) {
            liar.listen(UnixDomainSocketAddress.of(socket));
            String uri = RunningExport.uri(socket);
            assertThat(
                            RunningExport.fail(
                                    "--parent",
                                    uri,
                                    "--digest",
                                    digest,
                                    "--socket",
                                    scene.path("s").toString()))
                    .startsWith("1 virtman: --digest " + digest)
                    .contains(uri + " (its disk of " + larger.size() + " bytes is not the one");
            try (RunningExport export = child("s", "--parent", uri, "--parent", origin.uri())) {
                scene.requireSame(export.uri(), disk);
            }
        }
    }
}
