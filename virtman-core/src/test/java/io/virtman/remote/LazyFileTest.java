package io.virtman.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.block.UnreachableException;
import io.virtman.image.FileImageSource;
import io.virtman.testing.FakeImageServer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file fetched from a server that behaves, and from one that does not. */
class LazyFileTest {
    private static final int SIZE = 5 * LazyFile.UNIT + 12345;
    private static final FetchLimits LIMITS =
            new FetchLimits(
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(5),
                    Duration.ofMillis(5),
                    Duration.ofMillis(20),
                    10,
                    Duration.ofSeconds(2));
    private static final long FAST = 1L << 40;

    @TempDir private Path directory;
    private final byte[] content = new byte[SIZE];
    private FakeImageServer server;
    private LazyFile file;

    @BeforeEach
    void start() throws IOException {
        new Random(3).nextBytes(content);
        Arrays.fill(content, LazyFile.UNIT, 2 * LazyFile.UNIT, (byte) 0);
        server = new FakeImageServer(content);
        file = open(Map.of(), FAST, LIMITS);
    }

    private LazyFile open(Map<String, String> headers, long rate, FetchLimits limits)
            throws IOException {
        Path copy = directory.resolve("copy");
        try (var handle = new RandomAccessFile(copy.toFile(), "rw")) {
            handle.setLength(SIZE);
        }
        RemoteFile remote =
                RemoteFile.of(server.url(), SIZE, new FileHash("sha512", server.sha512()));
        return new LazyFile(remote, copy, headers, rate, limits);
    }

    @AfterEach
    void stop() throws IOException {
        file.close();
        server.close();
    }

    private void requireRead(int offset, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        file.read(offset, target);
        assertThat(target.array()).isEqualTo(Arrays.copyOfRange(content, offset, offset + length));
    }

    @Test
    void fetchesWhatIsReadOnceHoweverManyRead() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> readers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                readers.add(
                        threads.submit(() -> {
                            requireRead(2 * LazyFile.UNIT + 100, 4096);
                            return null;
                        }));
            }
            for (Future<?> reader : readers) {
                reader.get(10, TimeUnit.SECONDS);
            }
        }
        assertThat(server.answered).containsExactly("1048576-1572863");
        assertThat(file.readNow(2 * LazyFile.UNIT, ByteBuffer.allocate(512))).isTrue();
        assertThat(file.readNow(0, ByteBuffer.allocate(512))).isFalse();
    }

    @Test
    void fetchesAllWithHolesForZeroes() throws Exception {
        requireRead(SIZE - 10, 10);
        file.fetchAll();
        assertThat(Files.readAllBytes(directory.resolve("copy"))).isEqualTo(content);
        assertThat(file.bytesHere()).isEqualTo(SIZE);
        assertThat(file.bytesIn()).isEqualTo(SIZE);
        try (var copy = FileImageSource.open(directory.resolve("copy"))) {
            assertThat(copy.extent(LazyFile.UNIT, LazyFile.UNIT).hole()).isTrue();
        }
    }

    @Test
    void keepsToItsRateExceptForReaders() throws Exception {
        file.close();
        file = open(Map.of(), LazyFile.UNIT, LIMITS); // a unit a second
        Thread background = background();
        long begun = System.nanoTime();
        requireRead(4 * LazyFile.UNIT, LazyFile.UNIT);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofMillis(900));
        assertThat(file.bytesHere()).isLessThanOrEqualTo(3L * LazyFile.UNIT);
        background.interrupt();
        background.join();
    }

    private Thread background() {
        return Thread.ofVirtual()
                .start(() -> {
                    try {
                        file.fetchAll();
                    } catch (IOException e) {
                        // the test's readers are told as well
                    }
                });
    }

    @Test
    void asksAgainAfterBrokenAnswers() throws Exception {
        server.truncations.set(3);
        requireRead(0, SIZE);
    }

    @Test
    void waitsForAServerThatIsAwayHoweverOftenItFailed() throws Exception {
        server.status = 503;
        Thread background = background();
        assertThatThrownBy(() -> requireRead(0, 1)) // asked many times more than the limit
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("status 503");
        assertThat(server.refusals.get()).isGreaterThan(2 * LIMITS.attempts());
        assertThat(file.waiting()).contains("status 503");
        assertThat(background.isAlive()).isTrue();
        server.status = 0;
        requireRead(0, SIZE);
        assertThat(background.join(Duration.ofSeconds(5))).isTrue();
        assertThat(file.bytesHere()).isEqualTo(SIZE);
        assertThat(file.waiting()).isNull();
    }

    @Test
    void givesUpAfterManyUselessAnswersInARow() {
        server.wrongRanges = true;
        assertThatThrownBy(file::fetchAll).hasMessageContaining("given up after 10 useless");
        assertThatThrownBy(() -> requireRead(0, 1)).hasMessageContaining("another part");
    }

    @Test
    void waitsForACredential() throws Exception {
        server.token = "second";
        file.close();
        file = open(Map.of("X-Auth-Token", "first"), FAST, LIMITS);
        Thread background = background();
        assertThatThrownBy(() -> requireRead(0, 512))
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("refused the credential");
        assertThat(file.waiting()).contains("401");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> reader =
                    threads.submit(() -> {
                        requireRead(0, 512);
                        return null;
                    });
            file.renew(Map.of("X-Auth-Token", "second"));
            reader.get(2, TimeUnit.SECONDS);
        }
        background.join(Duration.ofSeconds(5));
        assertThat(file.bytesHere()).isEqualTo(SIZE);
        assertThat(file.waiting()).isNull();
    }

    @Test
    void readsFromTheBeginningWhereThereAreNoRanges() throws Exception {
        server.ranges = false;
        server.truncations.set(1);
        file.close();
        file = open(Map.of(), 4L * LazyFile.UNIT, LIMITS);
        Thread background = background();
        requireRead(4 * LazyFile.UNIT, LazyFile.UNIT);
        background.join(Duration.ofSeconds(5));
        assertThat(Files.readAllBytes(directory.resolve("copy"))).isEqualTo(content);
    }

    @Test
    void failsWhenTheFileIsDeletedOrChanges() throws Exception {
        server.tag = "\"one\"";
        requireRead(0, 512);
        server.tag = "\"two\"";
        assertThatThrownBy(file::fetchAll).hasMessageContaining("changed at its source");
        file.close();
        server.status = 404;
        file = open(Map.of(), FAST, LIMITS);
        assertThatThrownBy(file::fetchAll).hasMessageContaining("deleted at its source");
        assertThatThrownBy(() -> requireRead(0, 512)).hasMessageContaining("deleted at its source");
        file.close();
        server.status = 0;
        server.content = Arrays.copyOf(content, SIZE - 1);
        file = open(Map.of(), FAST, LIMITS);
        assertThatThrownBy(() -> requireRead(0, 512)).hasMessageContaining("bytes at its source");
    }
}
