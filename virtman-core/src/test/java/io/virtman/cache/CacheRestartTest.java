package io.virtman.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.block.ImageDigest;
import io.virtman.block.SealedImage;
import io.virtman.problem.ProblemException;
import io.virtman.testing.TestImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Warm after a restart or a kill; whatever became of the files, never a wrong byte. */
class CacheRestartTest {
    private static final int SIZE = 30 * Chunks.BYTES + 5_000;
    private static final int SLOTS = 12;

    @TempDir Path directory;

    private TestImage image() throws IOException {
        return TestImage.sparse(directory.resolve("image"), SIZE, 1);
    }

    @Test
    void warmAfterARestart() throws Exception {
        TestImage image = image();
        Path cache = directory.resolve("cache");
        long used;
        try (CacheScene scene = new CacheScene(image, cache, 64)) {
            scene.readAll();
            used = scene.group.usedBytes();
        }
        for (int run = 0; run < 2; run++) {
            try (CacheScene scene = new CacheScene(image, cache, 64)) {
                assertThat(scene.group.usedBytes()).isEqualTo(used);
                scene.readAll();
                assertThat(scene.upstream.fetches()).isZero();
                assertThat(scene.group.usedBytes()).isEqualTo(used);
            }
        }
    }

    /** A real process, killed; the lock dies with it. */
    @Test
    void warmAfterAKill() throws Exception {
        TestImage image = image();
        Path cache = directory.resolve("cache");
        Process process = CacheProcess.start("fill", cache, directory.resolve("image"));
        try {
            assertThat(process.inputReader().readLine()).isEqualTo("ready, failures: false");
            assertThatThrownBy(() -> CacheGroup.open(cache, 1 << 20))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("in use by another process");
        } finally {
            process.destroyForcibly().waitFor();
        }
        try (CacheScene scene = new CacheScene(image, cache, 64)) {
            scene.readAll();
            assertThat(scene.upstream.fetches()).isZero();
        }
    }

    /** Killed while every read evicts another chunk. */
    @Test
    void rightAfterAKillInAStorm() throws Exception {
        TestImage image = image();
        Path cache = directory.resolve("cache");
        Process process = CacheProcess.start("storm", cache, directory.resolve("image"));
        try {
            assertThat(process.inputReader().readLine()).isEqualTo("ready, failures: false");
        } finally {
            process.destroyForcibly().waitFor();
        }
        try (CacheScene scene = new CacheScene(image, cache, 5)) {
            scene.readAll();
        }
    }

    /** The files as a kill would leave them, copied while four threads read and evict. */
    @Test
    void rightWhenStoppedAnywhere() throws Exception {
        TestImage image = image();
        AtomicBoolean end = new AtomicBoolean();
        Path cache = directory.resolve("cache");
        try (ExecutorService readers = Executors.newFixedThreadPool(4);
                CacheScene scene = new CacheScene(image, cache, SLOTS)) {
            List<Future<Boolean>> running =
                    IntStream.range(0, 4)
                            .mapToObj(seed -> readers.submit(reader(scene, seed, end)))
                            .toList();
            for (int copy = 0; copy < 12; copy++) {
                copy(cache, directory.resolve("copy" + copy));
            }
            end.set(true);
            for (Future<Boolean> one : running) {
                assertThat(one.get()).isTrue();
            }
        }
        for (int copy = 0; copy < 12; copy++) {
            try (CacheScene scene =
                    new CacheScene(image, directory.resolve("copy" + copy), SLOTS)) {
                scene.readAll();
            }
        }
    }

    private static Callable<Boolean> reader(CacheScene scene, int seed, AtomicBoolean end) {
        return () -> {
            Random random = new Random(seed);
            while (!end.get()) {
                scene.readSomewhere(random);
            }
            return true;
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"index", "chunks", "trees"})
    void rightAfterAnyDamage(String part) throws Exception {
        TestImage image = image();
        Path cache = directory.resolve("cache");
        try (CacheScene scene = new CacheScene(image, cache, SLOTS)) {
            scene.readAll();
        }
        for (int seed = 0; seed < 25; seed++) {
            Path copy = directory.resolve("copy" + seed);
            copy(cache, copy);
            Random random = new Random(seed);
            Path file =
                    part.equals("trees")
                            ? copy.resolve(
                                    "trees/" + image.sealed().digest() + "-" + SIZE + ".tree")
                            : copy.resolve(part);
            int unit = part.equals("index") ? SlotIndex.RECORD : 4096;
            for (int damage = 0; damage <= random.nextInt(4); damage++) {
                damage(file, unit, random);
            }
            try (CacheScene scene = new CacheScene(image, copy, SLOTS)) {
                for (int i = 0; i < 20; i++) {
                    scene.readSomewhere(random);
                }
                scene.readAll();
                assertThat(scene.group.usedBytes()).isLessThanOrEqualTo(scene.group.capacity());
            }
        }
    }

    /** Truncates, tears, flips a bit, swaps two records, repeats one, or extends. */
    private static void damage(Path path, int unit, Random random) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            long size = file.length();
            if (size < 2L * unit) {
                return;
            }
            long one = random.nextLong(size / unit) * unit;
            long other = random.nextLong(size / unit) * unit;
            byte[] first = read(file, one, unit);
            byte[] second = read(file, other, unit);
            switch (random.nextInt(6)) {
                case 0 -> file.setLength(random.nextLong(size));
                case 1 -> {
                    byte[] torn = new byte[1 + random.nextInt(unit)];
                    random.nextBytes(torn);
                    write(file, one, torn);
                }
                case 2 -> {
                    first[random.nextInt(unit)] ^= (byte) (1 << random.nextInt(8));
                    write(file, one, first);
                }
                case 3 -> {
                    write(file, one, second);
                    write(file, other, first);
                }
                case 4 -> write(file, one, second);
                default -> file.setLength(size + random.nextInt(3 * unit));
            }
        }
    }

    private static byte[] read(RandomAccessFile file, long at, int length) throws IOException {
        byte[] bytes = new byte[length];
        file.seek(at);
        file.readFully(bytes);
        return bytes;
    }

    private static void write(RandomAccessFile file, long at, byte[] bytes) throws IOException {
        file.seek(at);
        file.write(bytes);
    }

    /** A kill between data and record: the slots' content is that of other chunks. */
    @Test
    void aSlotReusedWithoutItsRecordCostsAFetch() throws Exception {
        TestImage image = TestImage.random(directory.resolve("image"), SIZE, 2);
        Path cache = directory.resolve("cache");
        try (CacheScene scene = new CacheScene(image, cache, SLOTS)) {
            for (int chunk = 0; chunk < SLOTS; chunk++) {
                scene.readChunk(chunk);
            }
        }
        try (RandomAccessFile medium =
                new RandomAccessFile(cache.resolve("chunks").toFile(), "rw")) {
            for (int slot = 0; slot < SLOTS; slot += 2) {
                write(medium, (long) slot * Chunks.BYTES, image.bytes(20 * 65536L, 65536));
            }
        }
        try (CacheScene scene = new CacheScene(image, cache, SLOTS)) {
            for (int chunk = 0; chunk < SLOTS; chunk++) {
                ByteBuffer target = ByteBuffer.allocate(100);
                assertThat(scene.cached.readNow(Chunks.offset(chunk), target))
                        .as("unproven")
                        .isFalse();
                scene.readChunk(chunk);
                assertThat(scene.cached.readNow(Chunks.offset(chunk), target)).isTrue();
            }
            assertThat(scene.chunkFetches()).isEqualTo(SLOTS / 2);
            assertThat(scene.group.usedBytes()).isEqualTo(SLOTS * Chunks.BYTES);
        }
    }

    /** Records with a right checksum and lies in them neither mislead nor cost memory. */
    @Test
    void hostileRecordsDoNoHarm() throws Exception {
        TestImage image = image();
        Path cache = Files.createDirectories(directory.resolve("cache"));
        int slots = 20_000;
        try (SlotIndex index = new SlotIndex(FileMedium.open(cache.resolve("index")))) {
            Random random = new Random(1);
            byte[] digest = new byte[ImageDigest.BYTES];
            for (int slot = 0; slot < slots; slot++) {
                random.nextBytes(digest);
                ImageDigest named =
                        slot % 3 == 0 ? image.sealed().digest() : ImageDigest.of(digest);
                long size = slot % 5 == 0 ? SIZE : 1L << (20 + random.nextInt(41));
                long chunk = random.nextLong(Chunks.count(size));
                index.record(slot, new SealedImage(named, size), chunk);
            }
        }
        try (CacheScene scene = new CacheScene(image, cache, slots)) {
            assertThat(scene.group.usedBytes()).isEqualTo((long) slots * Chunks.BYTES);
            scene.readAll();
            scene.readAll();
            scene.upstream.reset();
            scene.readAll();
            assertThat(scene.upstream.fetches()).isZero();
        }
    }

    /** A claim of another size under the right digest does not displace what is right. */
    @Test
    void aWrongSizeInTheIndexDisplacesNothing() throws Exception {
        TestImage image = image();
        Path cache = directory.resolve("cache");
        try (CacheScene scene = new CacheScene(image, cache, 64)) {
            scene.readAll();
        }
        try (SlotIndex index = new SlotIndex(FileMedium.open(cache.resolve("index")))) {
            index.record(0, new SealedImage(image.sealed().digest(), SIZE + 1), 0);
        }
        try (CacheScene scene = new CacheScene(image, cache, 64)) {
            scene.readAll();
            assertThat(scene.chunkFetches()).isEqualTo(1);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.write(target, Files.readAllBytes(file));
                }
            }
        }
    }
}
