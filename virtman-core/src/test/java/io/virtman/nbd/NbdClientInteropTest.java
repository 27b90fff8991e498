package io.virtman.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.block.Extent;
import io.virtman.command.ProcessCommandRunner;
import io.virtman.testing.MemoryBlockSource;
import io.virtman.testkit.Programs;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Our client and the servers people have. They go to the background once they listen. */
@Timeout(60)
class NbdClientInteropTest {
    private static final Duration LONG = TestServers.LONG;

    @TempDir Path directory;
    private final MemoryBlockSource content = MemoryBlockSource.random(3 << 20, 21);
    private final List<Path> pidFiles = new ArrayList<>();
    private Path file;

    @BeforeEach
    void write() throws IOException {
        Arrays.fill(content.content(), 1 << 20, 2 << 20, (byte) 0);
        file = directory.resolve("disk.raw");
        Files.write(file, content.content());
        new ProcessCommandRunner()
                .run(List.of("fallocate", "--dig-holes", file.toString()), Duration.ofSeconds(10));
    }

    @AfterEach
    void stop() throws IOException {
        for (Path pidFile : pidFiles) {
            long pid = Long.parseLong(Files.readString(pidFile).strip());
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void nbdkitOverUnixWithStructuredReplies() throws Exception {
        try (NbdClient client = connect(nbdkit("file", file.toString()))) {
            assertThat(client.structured()).isTrue();
            assertThat(client.hasBlockStatus()).isTrue();
            assertThat(client.canMultiConn()).isTrue();
            assertThat(client.extent(0, 3 << 20, LONG)).isEqualTo(new Extent(0, 1 << 20, false));
            assertThat(client.extent((1 << 20) + 5, 3000, LONG))
                    .isEqualTo(new Extent((1 << 20) + 5, 3000, true));
            compare(client);
        }
    }

    @Test
    void nbdkitWithSimpleRepliesOnly() throws Exception {
        try (NbdClient client = connect(nbdkit("--no-sr", "file", file.toString()))) {
            assertThat(client.structured()).isFalse();
            assertThat(client.hasBlockStatus()).isFalse();
            assertThat(client.extent(7, 100, LONG)).isEqualTo(new Extent(7, 100, false));
            compare(client);
        }
    }

    @Test
    void nbdkitOldestNewstyle() throws Exception {
        try (NbdClient client = connect(nbdkit("--mask-handshake=0", "file", file.toString()))) {
            assertThat(client.structured()).isFalse();
            compare(client);
        }
    }

    @Test
    void nbdkitOverTcp() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        start("nbdkit", "-P", "-i", "127.0.0.1", "-p", "" + port, "file", file.toString());
        try (NbdClient client =
                NbdClient.connect(NbdUri.parse("nbd://127.0.0.1:" + port + "/x"), LONG)) {
            compare(client);
        }
    }

    @Test
    void nbdkitPatternAndMemory() throws Exception {
        try (NbdClient client = connect(nbdkit("pattern", "1G"))) {
            ByteBuffer target = ByteBuffer.allocate(1 << 20);
            client.read(512 << 20, target, LONG);
            target.flip();
            for (long at = 512 << 20; target.hasRemaining(); at += 8) {
                assertThat(target.getLong()).isEqualTo(at);
            }
        }
        try (NbdClient client = connect(nbdkit("memory", "1G"))) {
            assertThat(client.readOnly()).isFalse();
            assertThat(client.extent(0, 1 << 30, LONG)).isEqualTo(new Extent(0, 1 << 30, true));
            ByteBuffer target = ByteBuffer.allocate(48 << 20); // longer than one request may be
            Arrays.fill(target.array(), (byte) 1);
            client.read(5, target, LONG);
            assertThat(target.array()).isEqualTo(new byte[target.capacity()]);
        }
    }

    @Test
    void nbdkitErrorsReachTheReadOnly() throws Exception {
        NbdUri uri =
                nbdkit(
                        "--filter=error",
                        "file",
                        file.toString(),
                        "error-pread=EIO",
                        "error-pread-rate=50%");
        try (NbdClient client = connect(uri)) {
            int failed = 0;
            for (int i = 0; i < 40; i++) {
                ByteBuffer target = ByteBuffer.allocate(1000);
                try {
                    client.read(i * 1000L, target, LONG);
                    assertThat(target.array())
                            .isEqualTo(
                                    Arrays.copyOfRange(
                                            content.content(), i * 1000, i * 1000 + 1000));
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining("EIO");
                    failed++;
                }
            }
            assertThat(failed).isBetween(1, 39);
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void minimumBlockSizesAreKept() throws Exception {
        NbdUri uri =
                nbdkit(
                        "--filter=blocksize-policy",
                        "file",
                        file.toString(),
                        "blocksize-minimum=4096",
                        "blocksize-preferred=64K",
                        "blocksize-maximum=128K",
                        "blocksize-error-policy=error");
        try (NbdClient client = connect(uri)) {
            compare(client);
            assertThat(client.extent((1 << 20) + 5, 3000, LONG).hole()).isTrue();
        }
    }

    @Test
    void qemuNbdOverUnix() throws Exception {
        NbdUri uri = qemuNbd("-x", "disk");
        try (NbdClient client = NbdClient.connect(uri, LONG)) {
            assertThat(client.structured()).isTrue();
            assertThat(client.hasBlockStatus()).isTrue();
            assertThat(client.readOnly()).isTrue();
            compare(client);
            assertThat(client.extent(1 << 20, 1 << 20, LONG).hole()).isTrue();
        }
        NbdUri other = new NbdUri(uri.address(), "other");
        assertThatThrownBy(() -> NbdClient.connect(other, LONG))
                .isInstanceOfSatisfying(
                        NbdRefusal.class,
                        r -> assertThat(r.reason()).isEqualTo(NbdRefusal.Reason.UNKNOWN));
    }

    private static NbdClient connect(NbdUri uri) throws IOException {
        return NbdClient.connect(uri, LONG);
    }

    private NbdUri nbdkit(String... arguments) throws IOException {
        Path socket = directory.resolve("nbdkit-" + pidFiles.size() + ".sock");
        List<String> argv = new ArrayList<>(List.of("nbdkit", "-P", "-U", socket.toString()));
        argv.addAll(List.of(arguments));
        start(argv.toArray(String[]::new));
        return NbdUri.parse("nbd+unix:///?socket=" + socket);
    }

    private NbdUri qemuNbd(String... arguments) throws IOException {
        Path socket = directory.resolve("qemu-nbd.sock");
        List<String> argv = new ArrayList<>(List.of("qemu-nbd", "--pid-file", "--fork"));
        argv.addAll(List.of("-r", "-t", "-f", "raw", "-k", socket.toString()));
        argv.addAll(List.of(arguments));
        argv.add(file.toString());
        start(argv.toArray(String[]::new));
        return NbdUri.parse("nbd+unix:///disk?socket=" + socket);
    }

    /** The second argument names the option for the pid file, which is added after it. */
    private void start(String... argv) throws IOException {
        Path pidFile = directory.resolve(pidFiles.size() + ".pid");
        List<String> all = new ArrayList<>(List.of(argv));
        all.set(0, Programs.require(argv[0]));
        all.add(2, pidFile.toString());
        new ProcessCommandRunner().run(all, Duration.ofSeconds(20));
        pidFiles.add(pidFile);
    }

    private void compare(NbdClient client) throws IOException {
        assertThat(client.size()).isEqualTo(3 << 20);
        ByteBuffer whole = ByteBuffer.allocate(3 << 20);
        client.read(0, whole, LONG);
        assertThat(whole.array()).isEqualTo(content.content());
        Random random = new Random(5);
        for (int i = 0; i < 50; i++) {
            int offset = random.nextInt(3 << 20);
            int length = random.nextInt(Math.min(200_000, (3 << 20) - offset) + 1);
            ByteBuffer target = ByteBuffer.allocate(length);
            client.read(offset, target, LONG);
            assertThat(target.array())
                    .isEqualTo(Arrays.copyOfRange(content.content(), offset, offset + length));
        }
    }
}
