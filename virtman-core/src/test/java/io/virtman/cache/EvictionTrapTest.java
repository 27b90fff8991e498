package io.virtman.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.nbd.NbdClient;
import io.virtman.testing.TestExport;
import io.virtman.testing.TestImage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The trap: bytes wait in a slow client's socket while their slot is given to another chunk. Every
 * byte is compared.
 */
@Timeout(60)
class EvictionTrapTest {
    private static final int CHUNKS = 48;
    private static final int SLOTS = 4;
    private static final int STEP = 16 * 1024;
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix"})
    void slowReadersGetTheirOwnBytes(String kind) throws Exception {
        TestImage image = TestImage.random(directory.resolve("image"), CHUNKS * Chunks.BYTES, 1);
        SocketAddress address =
                kind.equals("tcp")
                        ? new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
                        : UnixDomainSocketAddress.of(directory.resolve("socket"));
        try (CacheScene scene = new CacheScene(image, directory.resolve("cache"), SLOTS);
                TestExport export = TestExport.at(scene.cached, address);
                SlowReader slow = new SlowReader(export.address());
                NbdClient evictor = NbdClient.connect(export.uri(), DEADLINE)) {
            Random random = new Random(1);
            // hits, answered inline into the socket until it is full: far more than it can hold
            scene.readChunk(0);
            scene.readChunk(1);
            int asked = 150;
            for (int request = 0; request < asked; request++) {
                slow.ask(request, Chunks.offset(request % 2), Chunks.BYTES);
            }
            ByteBuffer whole = ByteBuffer.allocate(16 + Chunks.BYTES);
            for (int reply = 0; reply < asked; reply++) {
                whole.clear();
                while (whole.hasRemaining()) {
                    whole.put(slow.take(Math.min(STEP, whole.remaining())));
                    evict(evictor, image, random);
                }
                whole.flip();
                assertThat(whole.getInt()).isEqualTo(0x67446698);
                assertThat(whole.getInt()).as("error").isZero();
                long chunk = whole.getLong() % 2;
                CacheScene.compare(shifted(whole), image, Chunks.offset(chunk), Chunks.BYTES);
            }
        }
    }

    private static void evict(NbdClient evictor, TestImage image, Random random) throws Exception {
        ByteBuffer target = ByteBuffer.allocate(Chunks.BYTES);
        long offset = Chunks.offset(2 + random.nextInt(CHUNKS - 2));
        evictor.read(offset, target, DEADLINE);
        assertThat(target.array()).isEqualTo(image.bytes(offset, Chunks.BYTES));
    }

    private static ByteBuffer shifted(ByteBuffer bytes) {
        return ByteBuffer.allocate(Chunks.BYTES + 16).put(7, bytes, bytes.position(), Chunks.BYTES);
    }

    /** The same within the process: many readers, all of them evicting. */
    @Test
    void readersThatEvictEachOtherGetTheirOwnBytes() throws Exception {
        TestImage image =
                TestImage.sparse(directory.resolve("image"), CHUNKS * Chunks.BYTES + 77, 2);
        try (CacheScene scene = new CacheScene(image, directory.resolve("cache"), SLOTS);
                ExecutorService readers = Executors.newFixedThreadPool(8)) {
            List<Future<Boolean>> running =
                    IntStream.range(0, 8)
                            .mapToObj(seed -> readers.submit(() -> readRandomly(scene, seed)))
                            .toList();
            for (Future<Boolean> one : running) {
                assertThat(one.get()).isTrue();
            }
            assertThat(scene.group.usedBytes()).isLessThanOrEqualTo(SLOTS * Chunks.BYTES);
        }
    }

    private static boolean readRandomly(CacheScene scene, int seed) throws Exception {
        Random random = new Random(seed);
        for (int i = 0; i < 250; i++) {
            scene.readSomewhere(random);
        }
        return true;
    }
}
