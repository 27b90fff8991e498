package io.virtman.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import io.virtman.testing.MemoryBlockSource;
import io.virtman.testkit.Await;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class NbdServerTest {
    private static final Duration LONG = TestServers.LONG;

    @TempDir Path directory;

    private SocketAddress listen(NbdServer server, boolean unix) throws IOException {
        return unix ? TestServers.listenUnix(server, directory) : TestServers.listenTcp(server);
    }

    /** Data, a hole of several pieces, data, in that order; size not aligned to anything. */
    private static MemoryBlockSource sparse(long seed) {
        MemoryBlockSource source = MemoryBlockSource.random(2 * 1024 * 1024 + 777, seed);
        Arrays.fill(source.content(), 200_000, 900_000, (byte) 0);
        Arrays.fill(source.content(), 1_310_720, 1_310_720 + 65_536, (byte) 0);
        return source;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void randomReadsOfManyThreadsEqualTheContent(boolean unix) throws Exception {
        MemoryBlockSource source = sparse(1);
        // every third chunk is a miss, so that replies overtake each other
        BlockSource mixed =
                new BlockSource() {
                    @Override
                    public long size() {
                        return source.size();
                    }

                    @Override
                    public void read(long offset, ByteBuffer target) {
                        source.read(offset, target);
                    }

                    @Override
                    public boolean readNow(long offset, ByteBuffer target) {
                        if (offset / 65_536 % 3 == 0) {
                            return false;
                        }
                        source.read(offset, target);
                        return true;
                    }
                };
        try (NbdServer server = TestServers.server(mixed)) {
            SocketAddress address = listen(server, unix);
            try (NbdClient client = NbdClient.connect(TestServers.uri(address), LONG);
                    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                assertThat(client.size()).isEqualTo(source.size());
                assertThat(client.readOnly()).isTrue();
                assertThat(client.canMultiConn()).isTrue();
                assertThat(client.structured()).isTrue();
                assertThat(client.hasBlockStatus()).isTrue();
                List<Future<?>> readers = new ArrayList<>();
                for (int seed = 0; seed < 16; seed++) {
                    Random random = new Random(seed);
                    readers.add(threads.submit(() -> compare(client, source.content(), random)));
                }
                for (Future<?> reader : readers) {
                    reader.get(25, TimeUnit.SECONDS);
                }
                assertThat(client.bytesIn()).isPositive();
                assertThat(server.connections()).isEqualTo(1);
            }
        }
    }

    private static Void compare(NbdClient client, byte[] content, Random random)
            throws IOException {
        for (int i = 0; i < 60; i++) {
            int offset = random.nextInt(content.length);
            int most = Math.min(content.length - offset, i % 10 == 0 ? 1_000_000 : 100_000);
            int length = random.nextInt(most + 1);
            ByteBuffer target =
                    random.nextBoolean()
                            ? ByteBuffer.allocate(length)
                            : ByteBuffer.allocateDirect(length);
            while (target.hasRemaining()) {
                target.put((byte) 0x5a); // zeroes must be written, too
            }
            client.read(offset, target.flip(), LONG);
            assertThat(target.hasRemaining()).isFalse();
            byte[] read = new byte[length];
            target.flip().get(read);
            assertThat(read).isEqualTo(Arrays.copyOfRange(content, offset, offset + length));
        }
        return null;
    }

    @Test
    void holesDoNotTravel() throws Exception {
        MemoryBlockSource source = new MemoryBlockSource(new byte[8 << 20]);
        try (NbdServer server = TestServers.server(source)) {
            NbdUri uri = TestServers.uri(TestServers.listenTcp(server));
            try (NbdClient client = NbdClient.connect(uri, LONG)) {
                ByteBuffer target = ByteBuffer.allocate(8 << 20);
                Arrays.fill(target.array(), (byte) 1);
                client.read(0, target, LONG);
                assertThat(target.array()).isEqualTo(new byte[target.capacity()]);
                // the server counts what it has written after the client may have read it
                Await.until(() -> server.bytesOut() == client.bytesIn());
                assertThat(server.bytesOut()).isLessThan(2000);
                Await.until(() -> server.bytesIn() == client.bytesOut());
            }
        }
    }

    @Test
    void longReadsAreSplitAtTheServersMaximum() throws Exception {
        MemoryBlockSource source = MemoryBlockSource.random(3_000_001, 7);
        NbdServerLimits limits = new NbdServerLimits(10, LONG, 65_536, 65_536);
        try (NbdServer server = TestServers.server(source, limits)) {
            NbdUri uri = TestServers.uri(TestServers.listenTcp(server));
            try (NbdClient client = NbdClient.connect(uri, LONG)) {
                ByteBuffer target = ByteBuffer.allocate(3_000_001);
                client.read(0, target, LONG);
                assertThat(target.array()).isEqualTo(source.content());
                assertThat(source.reads()).isEqualTo(46);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMissDoesNotHoldUpAHit(boolean unix) throws Exception {
        MemoryBlockSource content = MemoryBlockSource.random(1 << 20, 3);
        GatedBlockSource gated = new GatedBlockSource(content, 512 * 1024);
        try (NbdServer server = TestServers.server(gated);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            NbdUri uri = TestServers.uri(listen(server, unix));
            try (NbdClient client = NbdClient.connect(uri, LONG)) {
                ByteBuffer miss = ByteBuffer.allocate(4096);
                Future<?> waiting =
                        threads.submit(() -> {
                            client.read(600_000, miss, LONG);
                            return null;
                        });
                assertThat(gated.arrived.await(20, TimeUnit.SECONDS)).isTrue();
                ByteBuffer hit = ByteBuffer.allocate(4096);
                client.read(1000, hit, LONG);
                assertThat(hit.array())
                        .isEqualTo(Arrays.copyOfRange(content.content(), 1000, 5096));
                assertThat(waiting.isDone()).isFalse();
                gated.gate.countDown();
                waiting.get(20, TimeUnit.SECONDS);
                assertThat(miss.array())
                        .isEqualTo(Arrays.copyOfRange(content.content(), 600_000, 604_096));
            }
        }
    }

    @Test
    void blockStatusComesFromTheSourceAndIsMerged() throws Exception {
        BlockSource checkered =
                new BlockSource() {
                    @Override
                    public long size() {
                        return 1 << 20;
                    }

                    @Override
                    public void read(long offset, ByteBuffer target) throws IOException {
                        throw new IOException("not read");
                    }

                    @Override
                    public Extent extent(long offset, long length) {
                        long end = Math.min(offset + length, (offset / 4096 + 1) * 4096);
                        return new Extent(offset, end - offset, offset >= 65_536);
                    }
                };
        try (NbdServer server = TestServers.server(checkered)) {
            NbdUri uri = TestServers.uri(TestServers.listenTcp(server));
            try (NbdClient client = NbdClient.connect(uri, LONG)) {
                assertThat(client.extent(10, 1 << 19, LONG))
                        .isEqualTo(new Extent(10, 65_526, false));
                assertThat(client.extent(65_536, 100_000, LONG))
                        .isEqualTo(new Extent(65_536, 100_000, true));
                assertThatThrownBy(() -> client.read(0, ByteBuffer.allocate(10), LONG))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("EIO");
                assertThat(client.isOpen()).isTrue();
            }
        }
    }

    @Test
    void unknownExportsAreRefusedWithReasonAndMessage() throws Exception {
        try (NbdServer server = TestServers.server(MemoryBlockSource.random(10, 1))) {
            SocketAddress address = TestServers.listenUnix(server, directory);
            assertThatThrownBy(() -> NbdClient.connect(new NbdUri(address, "other"), LONG))
                    .isInstanceOfSatisfying(
                            NbdRefusal.class,
                            r -> assertThat(r.reason()).isEqualTo(NbdRefusal.Reason.UNKNOWN))
                    .hasMessageContaining("no export 'other'");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"UNKNOWN", "POLICY", "UNSUPPORTED", "SHUTDOWN", "TLS_REQUIRED", "OTHER"})
    void everyReasonReachesTheClient(NbdRefusal.Reason reason) throws Exception {
        ExportCatalog refusing =
                new ExportCatalog() {
                    @Override
                    public List<String> names() {
                        return List.of();
                    }

                    @Override
                    public BlockSource open(String name) throws IOException {
                        throw new NbdRefusal(reason, "because");
                    }
                };
        try (NbdServer server = new NbdServer("t", refusing, NbdServerLimits.standard())) {
            NbdUri uri = TestServers.uri(TestServers.listenTcp(server));
            assertThatThrownBy(() -> NbdClient.connect(uri, LONG))
                    .isInstanceOfSatisfying(
                            NbdRefusal.class, r -> assertThat(r.reason()).isEqualTo(reason))
                    .hasMessageContaining("because");
        }
    }

    @Test
    void closingEndsConnectionsAndClosesTheirSources() throws Exception {
        GatedBlockSource gated = new GatedBlockSource(MemoryBlockSource.random(4096, 1), 0);
        ExportCatalog catalog =
                new ExportCatalog() {
                    @Override
                    public List<String> names() {
                        return List.of("disk");
                    }

                    @Override
                    public BlockSource open(String name) {
                        return gated;
                    }
                };
        NbdServer server = new NbdServer("t", catalog, NbdServerLimits.standard());
        SocketAddress address = TestServers.listenUnix(server, directory);
        NbdClient client = NbdClient.connect(TestServers.uri(address), LONG);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> read =
                    threads.submit(() -> {
                        client.read(0, ByteBuffer.allocate(4096), LONG);
                        return null;
                    });
            assertThat(gated.arrived.await(20, TimeUnit.SECONDS)).isTrue();
            Future<?> closing =
                    threads.submit(() -> {
                        server.close();
                        return null;
                    });
            assertThatThrownBy(() -> read.get(20, TimeUnit.SECONDS))
                    .hasRootCauseInstanceOf(IOException.class);
            // a request still uses the source: it must not be closed under it
            assertThat(gated.closed).isFalse();
            assertThat(closing.isDone()).isFalse();
            gated.gate.countDown();
            closing.get(20, TimeUnit.SECONDS);
            assertThat(gated.closed).isTrue();
            assertThat(server.connections()).isZero();
            assertThat(client.isOpen()).isFalse();
            assertThat(directory.resolve("nbd.sock")).doesNotExist();
        }
        client.close();
    }

    @Test
    void socketFilesAreReplacedOnlyWhenStale() throws Exception {
        Path path = directory.resolve("nbd.sock");
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address).close();
        assertThat(path).exists(); // as a killed process leaves it
        try (NbdServer first = TestServers.server(MemoryBlockSource.random(10, 1));
                NbdServer second = TestServers.server(MemoryBlockSource.random(10, 1))) {
            first.listen(address);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-rw----");
            assertThatThrownBy(() -> second.listen(address))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("another process listens");
            Path file = Files.writeString(directory.resolve("file"), "precious");
            assertThatThrownBy(() -> second.listen(UnixDomainSocketAddress.of(file)))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("not a socket");
            assertThat(file).hasContent("precious");
            NbdClient.connect(new NbdUri(address, "disk"), LONG).close();
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void severalAddressesServeOneCatalog() throws Exception {
        Map<String, MemoryBlockSource> sources =
                Map.of("a", MemoryBlockSource.random(10, 1), "b", MemoryBlockSource.random(20, 1));
        try (NbdServer server =
                new NbdServer("t", TestServers.catalog(sources), NbdServerLimits.standard())) {
            SocketAddress tcp = TestServers.listenTcp(server);
            SocketAddress unix = TestServers.listenUnix(server, directory);
            try (NbdClient a = NbdClient.connect(new NbdUri(tcp, "a"), LONG);
                    NbdClient b = NbdClient.connect(new NbdUri(unix, "b"), LONG)) {
                assertThat(a.size()).isEqualTo(10);
                assertThat(b.size()).isEqualTo(20);
            }
        }
    }
}
