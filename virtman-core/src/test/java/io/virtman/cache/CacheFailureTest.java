package io.virtman.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.testing.TestImage;
import io.virtman.testkit.Programs;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A full or failing medium makes reads slower, never makes them fail. */
class CacheFailureTest {
    private static final int SIZE = 1_500_000;
    private static final int PASSES = 50;

    @TempDir Path directory;
    private final FaultyMedium media = new FaultyMedium();
    private TestImage image = TestImage.NONE;
    private Path cache = Path.of("");

    @BeforeEach
    void makeImage() throws Exception {
        image = TestImage.random(directory.resolve("image"), SIZE, 1);
        cache = directory.resolve("cache");
    }

    @Test
    void aFullDiskCostsFetches() throws Exception {
        try (CacheScene scene = new CacheScene(image, cache, 64, media)) {
            media.failWhen(FaultyMedium.Call::write);
            scene.readAll();
            scene.readAll();
            assertThat(scene.group.usedBytes()).isZero();
            assertThat(scene.group.failures()).isPositive();
            assertThat(scene.chunkFetches()).isEqualTo(2 * Chunks.count(SIZE));
            media.failWhen(_ -> false);
            scene.readAll();
            scene.upstream.reset();
            scene.readAll();
            assertThat(scene.upstream.fetches()).as("there is space again").isZero();
        }
    }

    /** A real file system's refusal, as of a full disk; needs no rights. */
    @Test
    void aRealLimitOfSpaceCostsFetches() throws Exception {
        Process process =
                CacheProcess.start(
                        "fill",
                        cache,
                        directory.resolve("image"),
                        Programs.require("prlimit"),
                        "--fsize=300000");
        try {
            assertThat(process.inputReader().readLine()).isEqualTo("ready, failures: true");
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(Files.size(cache.resolve("chunks"))).isLessThanOrEqualTo(300_000);
        try (CacheScene scene = new CacheScene(image, cache, 64)) {
            scene.readAll();
        }
    }

    /**
     * Slots of a failing medium go back and forth between threads without getting lost. One that
     * was given up while others read it holds nothing until eviction comes to it, which takes a few
     * passes; one that was lost would be missing for ever.
     */
    @Test
    void failuresUnderManyReadersLoseNoSlots() throws Exception {
        int all = (int) Chunks.count(SIZE);
        try (CacheScene scene = new CacheScene(image, cache, all, media);
                ExecutorService readers = Executors.newFixedThreadPool(8)) {
            Random choice = new Random(9);
            media.failWhen(_ -> choice.nextInt(4) == 0);
            List<Future<Boolean>> running = new ArrayList<>();
            for (int seed = 0; seed < 8; seed++) {
                Random random = new Random(seed);
                running.add(
                        readers.submit(() -> {
                            for (int i = 0; i < 150; i++) {
                                scene.readSomewhere(random);
                            }
                            return true;
                        }));
            }
            for (Future<Boolean> one : running) {
                assertThat(one.get()).isTrue();
            }
            media.failWhen(_ -> false);
            scene.readUntilKept(PASSES);
            assertThat(scene.upstream.fetches()).isZero();
            assertThat(scene.group.usedBytes()).isEqualTo(scene.group.capacity());
        }
    }

    /** Half of what is written is refused, in no order; then reads fail as well. */
    @ParameterizedTest
    @ValueSource(strings = {"chunks", "index", ".tree"})
    void aFailingFileCostsFetches(String file) throws Exception {
        Random random = new Random(1);
        Random choice = new Random(2);
        try (CacheScene scene = new CacheScene(image, cache, 5, media)) {
            media.failWhen(
                    call -> call.write() && call.file().endsWith(file) && choice.nextInt(2) == 0);
            for (int i = 0; i < 200; i++) {
                scene.readSomewhere(random);
            }
            media.failWhen(call -> call.file().endsWith(file) && choice.nextInt(3) == 0);
            for (int i = 0; i < 200; i++) {
                scene.readSomewhere(random);
            }
            assertThat(scene.group.usedBytes()).isLessThanOrEqualTo(scene.group.capacity());
        }
        media.failWhen(_ -> false);
        try (CacheScene scene = new CacheScene(image, cache, 5, media)) {
            scene.readAll();
        }
    }

    /** No slot is lost by failures: afterwards all of them can be filled. */
    @Test
    void failuresLoseNoSlots() throws Exception {
        Random random = new Random(3);
        Random choice = new Random(4);
        int all = (int) Chunks.count(SIZE);
        try (CacheScene scene = new CacheScene(image, cache, all, media)) {
            media.failWhen(_ -> choice.nextInt(3) == 0);
            for (int i = 0; i < 300; i++) {
                scene.readSomewhere(random);
            }
            media.failWhen(_ -> false);
            scene.readAll();
            scene.readAll();
            scene.upstream.reset();
            scene.readAll();
            assertThat(scene.upstream.fetches()).isZero();
            assertThat(scene.group.usedBytes()).isEqualTo(scene.group.capacity());
        }
    }

    @Test
    void anIndexThatCannotBeReadMeansAColdStart() throws Exception {
        try (CacheScene scene = new CacheScene(image, cache, 64, media)) {
            scene.readAll();
        }
        media.failWhen(call -> call.file().equals("index") && !call.write());
        try (CacheScene scene = new CacheScene(image, cache, 64, media)) {
            assertThat(scene.group.usedBytes()).isZero();
            scene.readAll();
            assertThat(scene.group.failures()).isEqualTo(1);
        }
    }

    @Test
    void aTreeFileThatCannotBeOpenedIsDoneWithout() throws Exception {
        media.failWhen(call -> call.file().endsWith(".tree open"));
        try (CacheScene scene = new CacheScene(image, cache, 64, media)) {
            scene.readAll();
            assertThat(scene.group.failures()).isEqualTo(1);
        }
    }

    /** Works for root, too, whom permissions do not stop. */
    @Test
    void aDirectoryThatCannotBeMadeIsExplained() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> CacheGroup.open(file.resolve("cache"), 1 << 20))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> {
                            assertThat(problem.kind()).isEqualTo(Kind.FAILED);
                            assertThat(problem.field()).isEqualTo("cache directory");
                            assertThat(problem.detail()).contains(file + "/cache can't be used");
                            assertThat(problem.remedy()).contains("this user can write");
                        });
    }

    @Test
    void filesThatCannotBeOpenedAreExplainedAndLeaveNoLock() throws Exception {
        for (String file : new String[] {"chunks open", "index open"}) {
            media.failWhen(call -> call.file().equals(file));
            assertThatThrownBy(() -> CacheGroup.open(cache, 1 << 20, media))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("No space left on device");
        }
        media.failWhen(_ -> false);
        CacheGroup.open(cache, 1 << 20, media).close();
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 65535, Long.MAX_VALUE})
    void sizesOutOfRangeAreRefused(long capacity) {
        assertThatThrownBy(() -> CacheGroup.open(cache, capacity))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("cache size");
    }

    /** A failing second opening must not release the lock of the first (it would, with POSIX). */
    @Test
    void oneUserAtATime() throws Exception {
        try (CacheGroup group = CacheGroup.open(cache, 1 << 20)) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> CacheGroup.open(cache, 1 << 20))
                        .isInstanceOfSatisfying(
                                ProblemException.class,
                                e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT));
            }
            Process other = CacheProcess.start("lock", cache, cache);
            assertThat(other.inputReader().readLine()).contains("is in use by another process");
            other.destroyForcibly().waitFor();
            assertThat(group.capacity()).isEqualTo(1 << 20);
        }
        CacheGroup.open(cache, 1 << 20).close();
    }

    /** An interrupt closes a file channel for everyone; here it is its own thread's alone. */
    @Test
    void interruptedReadersDoNoHarm() throws Exception {
        try (CacheScene scene = new CacheScene(image, cache, 5, media)) {
            Random random = new Random(5);
            for (int i = 0; i < 100; i++) {
                if (i % 3 == 0) {
                    Thread.currentThread().interrupt();
                }
                scene.readSomewhere(random);
                assertThat(Thread.interrupted()).isEqualTo(i % 3 == 0);
            }
            assertThat(scene.group.failures()).isZero();
            scene.readChunk(0);
            assertThat(scene.cached.readNow(0, ByteBuffer.allocate(10))).isTrue();
        }
        assertThat(Files.size(cache.resolve("chunks"))).isEqualTo(5L * Chunks.BYTES);
    }

    @Test
    void aSmallerCacheGivesSpaceBack() throws Exception {
        try (CacheScene scene = new CacheScene(image, cache, 20)) {
            scene.readAll();
        }
        try (CacheScene scene = new CacheScene(image, cache, 4)) {
            assertThat(scene.group.usedBytes()).isEqualTo(4 * Chunks.BYTES);
            assertThat(Files.size(cache.resolve("chunks"))).isEqualTo(4 * Chunks.BYTES);
            assertThat(Files.size(cache.resolve("index"))).isEqualTo(4 * SlotIndex.RECORD);
            scene.readAll();
        }
    }
}
