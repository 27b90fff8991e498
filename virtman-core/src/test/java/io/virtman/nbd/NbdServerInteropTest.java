package io.virtman.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import io.virtman.command.CommandFailedException;
import io.virtman.command.ProcessCommandRunner;
import io.virtman.testing.MemoryBlockSource;
import io.virtman.testkit.Programs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Our server and the clients people have. */
@Timeout(60)
class NbdServerInteropTest {
    private static final int SIZE = 4 << 20;

    @TempDir Path directory;
    private final MemoryBlockSource content = MemoryBlockSource.random(SIZE, 11);
    private NbdServer server;
    private String tcp;
    private String unix;
    private Path file;

    @BeforeEach
    void start() throws IOException {
        Arrays.fill(content.content(), 1 << 20, 2 << 20, (byte) 0);
        file = Files.write(directory.resolve("disk.raw"), content.content());
        server =
                new NbdServer(
                        "interop",
                        TestServers.catalog(
                                Map.of(
                                        "disk",
                                        new Sparse(content, 65_536),
                                        "empty",
                                        new MemoryBlockSource(new byte[0]),
                                        "größe",
                                        MemoryBlockSource.random(1000, 1))),
                        NbdServerLimits.standard());
        tcp = TestServers.uri(TestServers.listenTcp(server)).toString();
        unix = TestServers.uri(TestServers.listenUnix(server, directory)).toString();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void nbdinfoUnderstandsAll() throws Exception {
        assertThat(run("nbdinfo", "--json", tcp))
                .contains("\"protocol\": \"newstyle-fixed\"")
                .contains("\"structured\": true")
                .contains("\"export-size\": " + SIZE)
                .contains("\"is_read_only\": true")
                .contains("\"can_multi_conn\": true")
                .contains("\"can_df\": true")
                .contains("\"base:allocation\"")
                .contains("\"block_size_maximum\": 33554432");
        assertThat(run("nbdinfo", "--list", "--json", unix))
                .contains("\"export-name\": \"disk\"")
                .contains("\"export-name\": \"empty\"")
                .contains("\"export-name\": \"größe\"");
        assertThat(run("nbdinfo", "--map", unix).lines().map(l -> l.strip().split(" +", -1)))
                .extracting(f -> f[0] + " " + f[1] + " " + f[2])
                .containsExactly("0 1048576 0", "1048576 1048576 3", "2097152 2097152 0");
        assertThatThrownBy(() -> run("nbdinfo", unix.replace("/disk", "/other")))
                .isInstanceOf(CommandFailedException.class)
                .hasMessageContaining("No such file");
    }

    @Test
    void nbdcopyCopies() throws Exception {
        for (String uri : List.of(tcp, unix)) {
            Path copy = directory.resolve("copy.raw");
            run("nbdcopy", "--connections=4", "--requests=32", uri, copy.toString());
            assertThat(Files.mismatch(copy, file)).isEqualTo(-1);
            Files.delete(copy);
        }
    }

    @Test
    void qemuImgComparesAndMaps() throws Exception {
        for (String uri : List.of(tcp, unix)) {
            assertThat(run("qemu-img", "compare", "-f", "raw", "-F", "raw", uri, file.toString()))
                    .contains("identical");
            assertThat(run("qemu-img", "map", "--output=json", "-f", "raw", uri))
                    .contains("\"start\": 1048576, \"length\": 1048576")
                    .contains("\"zero\": true");
        }
    }

    @Test
    void qemuIoReadsButDoesNotWrite() throws Exception {
        assertThat(
                        run(
                                "qemu-io",
                                "-r",
                                "-f",
                                "raw",
                                "-c",
                                "read -v 0 16",
                                "-c",
                                "read -P 0 1M 1M",
                                "-c",
                                "aio_read 0 64k",
                                "-c",
                                "aio_read 3M 512",
                                "-c",
                                "aio_flush",
                                unix))
                .contains("read 1048576/1048576 bytes at offset 1048576")
                .contains("read 65536/65536")
                .doesNotContain("Pattern verification failed")
                .contains("%02x %02x".formatted(content.content()[0], content.content()[1]));
        assertThatThrownBy(() -> run("qemu-io", "-f", "raw", "-c", "write 0 512", tcp))
                .isInstanceOf(CommandFailedException.class);
    }

    @Test
    void fioReads() throws Exception {
        for (String block : List.of("4k", "64k")) {
            String output =
                    run(
                            "fio",
                            "--name=read",
                            "--ioengine=nbd",
                            "--uri=" + unix,
                            "--rw=randread",
                            "--bs=" + block,
                            "--iodepth=16",
                            "--size=4m",
                            "--output-format=terse");
            assertThat(output).contains("read;0;0;4096;"); // no error, all of 4096 KiB
        }
    }

    /** Runs a program and fails when it fails. */
    private static String run(String... argv) throws IOException {
        List<String> all = new ArrayList<>(List.of(argv));
        all.set(0, Programs.require(argv[0]));
        return new ProcessCommandRunner().run(all, Duration.ofSeconds(20)).standardOutput();
    }

    /** Zero pieces are holes for it. */
    private record Sparse(MemoryBlockSource source, int piece) implements BlockSource {
        @Override
        public long size() {
            return source.size();
        }

        @Override
        public void read(long offset, ByteBuffer target) {
            source.read(offset, target);
        }

        @Override
        public Extent extent(long offset, long length) {
            long end = Math.min(offset + length, (offset / piece + 1) * piece);
            boolean hole = true;
            for (long at = offset; at < end && hole; at++) {
                hole = source.content()[(int) at] == 0;
            }
            return new Extent(offset, end - offset, hole);
        }
    }
}
