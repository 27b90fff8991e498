package io.virtman.stories;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** An image of 15 GiB: volumes of it are there at once, and hold what the image holds. */
class LargeImageStoryTest {
    private static final int GIBIBYTES = 15;
    private static final long SIZE = (long) GIBIBYTES << 30;
    private static final int CHUNK = 64 << 10;
    private static final int EXTENTS = 96;
    private static final int EXTENT = 2 << 20;
    private static final int VOLUMES = 20;
    private static final int READ_WHOLE = 3;
    private static final int LARGE_READ = 8 << 20;
    private static final URI BRIDGE = URI.create("http://127.0.0.1:7480");

    @RegisterExtension private final Cloud cloud = new Cloud();

    @TempDir private Path directory;

    @Test
    void volumesAreThereAtOnceAndHoldTheImage() throws Exception {
        Path source = source();
        String image = upload(source);
        long within = creations("_bucket", ",le=\"1.0\"");
        long all = creations("_count", "");
        String base =
                cloud.volume(
                        "story-large", "--image", image, "--size", Integer.toString(GIBIBYTES));
        String snapshot = cloud.snapshot("story-large", base);
        Rest rest = Rest.admin();
        List<String> volumes = new ArrayList<>();
        for (int i = 0; i < VOLUMES; i++) {
            String id =
                    rest.createVolume(
                            "story-large-" + i, Map.of("snapshot_id", snapshot, "size", GIBIBYTES));
            volumes.add(id);
            cloud.adoptVolume(id);
        }
        volumes.forEach(id -> cloud.awaitVolume(id, "available"));
        Deadline.await(
                Duration.ofSeconds(10),
                "all creations are counted",
                () -> creations("_count", "") - all == VOLUMES + 1);
        assertThat(creations("_bucket", ",le=\"1.0\"") - within)
                .as("creations that took a second at most, from the request to the commit")
                .isEqualTo(VOLUMES + 1);
        attachAndCompare(rest, volumes, source);
    }

    /** So many volumes were made since the bridge began. */
    private static long creations(String suffix, String bound) {
        String name =
                "virtman_cinder_request_seconds%s{method=\"create_volume\"%s} "
                        .formatted(suffix, bound);
        return Metrics.get(BRIDGE, "/metrics")
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line -> Long.parseLong(line.substring(name.length())))
                .findFirst()
                .orElse(0L);
    }

    private void attachAndCompare(Rest rest, List<String> volumes, Path source)
            throws ExecutionException, InterruptedException {
        List<String> servers = new ArrayList<>();
        for (String host : Bed.FAKES) {
            String root = cloud.volume("story-of-" + host, "--image", "guest", "--size", "1");
            servers.add(cloud.server("story-on-" + host, "--host", host, "--volume", root));
        }
        List<String> attachments = new ArrayList<>();
        List<Callable<Void>> comparisons = new ArrayList<>();
        try {
            for (int i = 0; i < VOLUMES; i++) {
                int number = i % servers.size();
                String attachment = rest.createAttachment(volumes.get(i), servers.get(number));
                attachments.add(attachment);
                Path disk =
                        Path.of(
                                rest.connectAttachment(attachment, Bed.FAKES.get(number))
                                        .orFail()
                                        .body()
                                        .at("/attachment/connection_info/device_path")
                                        .asText());
                int seed = i;
                comparisons.add(() -> {
                    compare(source, disk, seed);
                    return null;
                });
            }
            try (ExecutorService readers = Executors.newFixedThreadPool(READ_WHOLE)) {
                for (Future<Void> comparison : readers.invokeAll(comparisons)) {
                    comparison.get();
                }
            }
        } finally {
            attachments.forEach(rest::deleteAttachment);
        }
    }

    private static void compare(Path source, Path disk, int number) throws IOException {
        try (FileChannel expected = FileChannel.open(source, StandardOpenOption.READ);
                FileChannel actual = FileChannel.open(disk, StandardOpenOption.READ)) {
            assertThat(actual.size()).isEqualTo(SIZE);
            if (number < READ_WHOLE) {
                compareWhole(expected, actual);
            } else {
                compareSome(expected, actual, number);
            }
        }
    }

    private static void compareWhole(FileChannel expected, FileChannel actual) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect(LARGE_READ);
        ByteBuffer wanted = ByteBuffer.allocateDirect(LARGE_READ);
        ByteBuffer seen = ByteBuffer.allocateDirect(LARGE_READ);
        for (long at = 0; at < SIZE; at += LARGE_READ) {
            int length = (int) Math.min(LARGE_READ, SIZE - at);
            // reading the source's holes would take longer than all the rest
            boolean hole = !holdsData(at, length);
            same(
                    at,
                    hole ? zeros.slice(0, length) : read(expected, at, wanted.slice(0, length)),
                    read(actual, at, seen.slice(0, length)));
        }
    }

    private static boolean holdsData(long at, int length) {
        return IntStream.range(0, EXTENTS)
                .anyMatch(i -> extent(i) < at + length && extent(i) + EXTENT > at);
    }

    /** One chunk in a hundred, and as many of those that have data. */
    private static void compareSome(FileChannel expected, FileChannel actual, int seed)
            throws IOException {
        Random random = new Random(seed);
        long chunks = SIZE / CHUNK;
        for (int i = 0; i < chunks / 100; i++) {
            compare(expected, actual, random.nextLong(chunks) * CHUNK);
        }
        for (int i = 0; i < EXTENTS; i++) {
            long at = extent(i) + (long) random.nextInt(EXTENT / CHUNK) * CHUNK;
            compare(expected, actual, at);
        }
    }

    private static void compare(FileChannel expected, FileChannel actual, long at)
            throws IOException {
        same(
                at,
                read(expected, at, ByteBuffer.allocate(CHUNK)),
                read(actual, at, ByteBuffer.allocate(CHUNK)));
    }

    private static void same(long at, ByteBuffer wanted, ByteBuffer seen) {
        assertThat(wanted.mismatch(seen)).as("first wrong byte after " + at).isEqualTo(-1);
    }

    private static ByteBuffer read(FileChannel file, long at, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (file.read(into, at + into.position()) < 0) {
                throw new AssertionError("ends before " + (at + into.limit()));
            }
        }
        return into.flip();
    }

    /** Where the data is: all over the disk, its first and last bytes included. */
    private static long extent(int number) {
        return (SIZE - EXTENT) / (EXTENTS - 1) / CHUNK * CHUNK * number
                + (number == EXTENTS - 1 ? (SIZE - EXTENT) % CHUNK : 0);
    }

    private Path source() throws IOException {
        Path source = directory.resolve("source.raw");
        Random random = new Random(15);
        byte[] data = new byte[EXTENT];
        try (FileChannel file =
                FileChannel.open(source, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 0; i < EXTENTS; i++) {
                random.nextBytes(data);
                ByteBuffer bytes = ByteBuffer.wrap(data);
                while (bytes.hasRemaining()) {
                    file.write(bytes, extent(i) + bytes.position());
                }
            }
            if (file.size() < SIZE) {
                file.write(ByteBuffer.allocate(1), SIZE - 1);
            }
        }
        return source;
    }

    private String upload(Path source) throws IOException {
        Path file = directory.resolve("source.qcow2");
        cloud.cli()
                .run(
                        "qemu-img",
                        "convert",
                        "-f",
                        "raw",
                        "-O",
                        "qcow2",
                        source.toString(),
                        file.toString())
                .orFail();
        String id = cloud.image("story-large", "qcow2", file);
        Files.delete(file);
        return id;
    }
}
