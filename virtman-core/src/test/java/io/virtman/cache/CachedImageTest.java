package io.virtman.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.block.BlockRange;
import io.virtman.block.Extent;
import io.virtman.block.SealedImage;
import io.virtman.testing.FakeUpstream;
import io.virtman.testing.MemoryBlockSource;
import io.virtman.testing.TestImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CachedImageTest {
    private static final int BLOCK = 4096;
    private static final int PAGE = 128 * BLOCK; // data below one page of hashes

    @TempDir Path directory;

    /** The borders of blocks, chunks and pages of hashes, and one byte to each side. */
    @ParameterizedTest
    @ValueSource(
            ints = {
                1,
                BLOCK - 1,
                BLOCK,
                BLOCK + 1,
                Chunks.BYTES - 1,
                Chunks.BYTES,
                Chunks.BYTES + 1,
                Chunks.BYTES + BLOCK + 1,
                PAGE - BLOCK + 1,
                PAGE,
                PAGE + 1,
                3_000_001
            })
    void randomReadsEqualTheImage(int size) throws Exception {
        Random random = new Random(size);
        TestImage image = TestImage.sparse(directory.resolve("image"), size, size);
        try (CacheScene scene = new CacheScene(image, directory.resolve("cache"), 3)) {
            assertThat(scene.cached.size()).isEqualTo(image.whole().length);
            assertThat(scene.cached.disk().size()).isEqualTo(size);
            for (int i = 0; i < 100; i++) {
                scene.readSomewhere(random);
                readNowSomewhere(scene, random);
            }
            scene.readAll();
            assertThat(scene.group.usedBytes()).isLessThanOrEqualTo(scene.group.capacity());
        }
    }

    private static void readNowSomewhere(CacheScene scene, Random random) {
        int offset = random.nextInt(scene.image.whole().length);
        int length = 1 + random.nextInt(Math.min(70_000, scene.image.whole().length - offset));
        ByteBuffer target = ByteBuffer.allocate(length + 16).position(7).limit(7 + length);
        long before = scene.upstream.fetches();
        if (scene.cached.readNow(offset, target)) {
            assertThat(target.position()).isEqualTo(7 + length);
            CacheScene.compare(target, scene.image, offset, length);
        } else {
            assertThat(target.position()).isEqualTo(7);
        }
        assertThat(target.limit()).isEqualTo(7 + length);
        assertThat(scene.upstream.fetches()).isEqualTo(before);
    }

    /** Hits come from the cache, whatever its size the rest from upstream, and nothing twice. */
    @Test
    void eachChunkIsFetchedOnce() throws Exception {
        TestImage image = TestImage.random(directory.resolve("image"), 2_000_000, 1);
        try (CacheScene scene = new CacheScene(image, directory.resolve("cache"), 64)) {
            for (int round = 0; round < 3; round++) {
                scene.readAll();
            }
            long chunks = Chunks.count(2_000_000);
            assertThat(scene.chunkFetches()).isEqualTo(chunks);
            assertThat(scene.cached.cachedBytes()).isEqualTo(chunks * Chunks.BYTES);
            long pages = (image.whole().length - 2_002_944L) / BLOCK;
            assertThat(scene.upstream.fetches() - scene.chunkFetches()).isEqualTo(pages);
        }
    }

    /** A chunk of zeroes neither travels nor takes space; pages over zeroes do not travel. */
    @Test
    void zeroesNeitherTravelNorTakeSpace() throws Exception {
        byte[] content = new byte[4 * PAGE + 5];
        content[3 * PAGE + 7] = 1;
        TestImage image = TestImage.of(directory.resolve("image"), content);
        try (CacheScene scene = new CacheScene(image, directory.resolve("cache"), 64)) {
            scene.readAll();
            assertThat(scene.chunkFetches()).isEqualTo(1);
            assertThat(scene.group.usedBytes()).isEqualTo(Chunks.BYTES);
            assertThat(scene.upstream.fetches()).as("chunk, top page, its page").isEqualTo(3);
            Extent hole = scene.cached.extent(0, content.length);
            assertThat(hole).isEqualTo(new Extent(0, 3 * PAGE, true));
        }
    }

    @Test
    void extentsAreTrueBlockByBlock() throws Exception {
        for (int size : new int[] {1, BLOCK, 777_777, 5 * PAGE + 1}) {
            TestImage image = TestImage.sparse(directory.resolve("image" + size), size, size);
            try (CacheScene scene = new CacheScene(image, directory.resolve("cache" + size), 4)) {
                Random random = new Random(size);
                long at = 0;
                while (at < size) {
                    long length = 1L + random.nextInt(400_000);
                    Extent extent = scene.cached.extent(at, Math.min(length, size - at));
                    assertThat(extent.offset()).isEqualTo(at);
                    assertThat(extent.length()).isBetween(1L, Math.min(length, size - at));
                    for (long block = at / BLOCK; block * BLOCK < extent.end(); block++) {
                        byte[] bytes = image.bytes(block * BLOCK, BLOCK);
                        assertThat(BlockRange.isZero(ByteBuffer.wrap(bytes)))
                                .as("block %s of %s", block, size)
                                .isEqualTo(extent.hole());
                    }
                    at = extent.end();
                }
                assertThat(scene.chunkFetches()).isZero();
                int tail = image.whole().length - size;
                if (tail > 0) {
                    assertThat(scene.cached.extent(size, tail).hole()).isFalse();
                }
            }
        }
    }

    /** A size that is not the sealed one is found out by the tree, without blame for a sender. */
    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void aWrongSizeIsFoundOut(int blocks) throws Exception {
        TestImage image = TestImage.random(directory.resolve("image"), 200 * BLOCK, 1);
        int wrong = 200 * BLOCK + blocks * BLOCK;
        // a sender that serves the same tree behind a disk of that size
        byte[] whole = new byte[wrong + image.whole().length - 200 * BLOCK];
        System.arraycopy(image.whole(), 0, whole, 0, Math.min(wrong, 200 * BLOCK));
        int tree = image.whole().length - 200 * BLOCK;
        System.arraycopy(image.whole(), 200 * BLOCK, whole, wrong, tree);
        try (CacheGroup group = CacheGroup.open(directory.resolve("cache"), 1 << 20);
                CachedImage cached =
                        CachedImage.sealed(
                                new SealedImage(image.sealed().digest(), wrong),
                                group,
                                new FakeUpstream(new MemoryBlockSource(whole)))) {
            assertThatThrownBy(cached::requireSize)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(blocks < 0 ? "larger than" : "smaller than");
            assertThatThrownBy(() -> cached.read(wrong - BLOCK, ByteBuffer.allocate(BLOCK)))
                    .hasMessageContaining("bytes it was said to have");
        }
    }

    @Test
    void theRightSizeIsAccepted() throws Exception {
        TestImage image = TestImage.random(directory.resolve("image"), 200 * BLOCK + 1, 1);
        try (CacheScene scene = new CacheScene(image, directory.resolve("cache"), 4)) {
            scene.cached.requireSize();
        }
    }

    @Test
    void nothingWrongIsServedOrKept() throws Exception {
        TestImage image = TestImage.random(directory.resolve("image"), 600_001, 2);
        for (int position = 0; position < image.whole().length; position += 33_333) {
            int wrong = position;
            try (CacheScene scene =
                    new CacheScene(image, directory.resolve("cache" + position), 16)) {
                scene.origin.flipping(wrong);
                assertThatThrownBy(() -> scene.cached.read(wrong, ByteBuffer.allocate(1)))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("do not verify");
                assertThat(scene.group.usedBytes()).isZero();
                scene.origin.mended();
                CacheScene.check(scene.cached, image, wrong, 1);
                scene.readAll();
            }
        }
    }

    /** Content that can't be verified is cached, but for this run only. */
    @Test
    void trustedContentIsForgotten() throws Exception {
        TestImage image = TestImage.sparse(directory.resolve("image"), 400_000, 3);
        FakeUpstream upstream = new FakeUpstream(image.source());
        for (int run = 0; run < 2; run++) {
            upstream.reset();
            try (CacheGroup group = CacheGroup.open(directory.resolve("cache"), 1 << 20)) {
                assertThat(group.usedBytes()).isZero();
                try (CachedImage cached = CachedImage.trusted(400_000, group, upstream)) {
                    assertThat(cached.size()).isEqualTo(400_000);
                    CacheScene.check(cached, image, 0, 400_000);
                    CacheScene.check(cached, image, 0, 400_000);
                    assertThat(upstream.fetches()).isEqualTo(Chunks.count(400_000));
                    assertThat(cached.extent(5, 100)).isEqualTo(new Extent(5, 100, false));
                    assertThat(group.usedBytes()).isPositive();
                }
                assertThat(group.usedBytes()).isZero();
            }
        }
    }

    @Test
    void imagesOfOneContentShareSlots() throws Exception {
        TestImage image = TestImage.random(directory.resolve("image"), 400_000, 4);
        try (CacheScene scene = new CacheScene(image, directory.resolve("cache"), 16)) {
            scene.readAll();
            scene.upstream.reset();
            try (CachedImage second =
                    CachedImage.sealed(image.sealed(), scene.group, scene.upstream)) {
                CacheScene.check(second, image, 0, image.whole().length);
            }
            assertThat(scene.upstream.fetches()).isZero();
            assertThat(scene.group.usedBytes()).isEqualTo(7 * Chunks.BYTES);
        }
    }
}
