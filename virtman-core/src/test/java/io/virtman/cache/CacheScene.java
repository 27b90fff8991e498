package io.virtman.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.block.BlockSource;
import io.virtman.testing.FakeUpstream;
import io.virtman.testing.FaultyBlockSource;
import io.virtman.testing.TestImage;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;

/** One image in one cache over an upstream that counts. */
final class CacheScene implements Closeable {
    final TestImage image;
    final FaultyBlockSource origin;
    final FakeUpstream upstream;
    final CacheGroup group;
    final CachedImage cached;

    CacheScene(TestImage image, Path directory, int slots) {
        this(image, directory, slots, FileMedium::open);
    }

    CacheScene(TestImage image, Path directory, int slots, Medium.Opener opener) {
        this.image = image;
        this.origin = new FaultyBlockSource(image.source());
        this.upstream = new FakeUpstream(origin);
        this.group = CacheGroup.open(directory, (long) slots * Chunks.BYTES, opener);
        this.cached = CachedImage.sealed(image.sealed(), group, upstream);
    }

    /** Fetches of chunks, those of tree pages left out. */
    long chunkFetches() {
        return upstream.fetchesWithin(0, image.content().length);
    }

    void readAll() throws IOException {
        check(cached, image, 0, image.whole().length);
    }

    /** Reads all of it until a pass fetches nothing, but not more often than this. */
    void readUntilKept(int passes) throws IOException {
        for (int pass = 0; pass < passes; pass++) {
            upstream.reset();
            readAll();
            if (upstream.fetches() == 0) {
                return;
            }
        }
    }

    void readChunk(long chunk) throws IOException {
        check(cached, image, Chunks.offset(chunk), Chunks.length(image.content().length, chunk));
    }

    /** A random read; short ones and such that cross borders are likely. */
    void readSomewhere(Random random) throws IOException {
        int length = image.whole().length;
        int offset = random.nextInt(length);
        int most = random.nextInt(3) == 0 ? 300_000 : 9_000;
        check(cached, image, offset, 1 + random.nextInt(Math.min(most, length - offset)));
    }

    /** Reads at a random place of a buffer whose other bytes must stay as they are. */
    static void check(BlockSource source, TestImage image, long offset, int length)
            throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length + 16).position(7).limit(7 + length);
        source.read(offset, target);
        assertThat(target.position()).isEqualTo(7 + length);
        compare(target, image, offset, length);
    }

    static void compare(ByteBuffer target, TestImage image, long offset, int length) {
        ByteBuffer expected = ByteBuffer.allocate(length + 16);
        expected.put(7, image.bytes(offset, length));
        assertThat(target.duplicate().clear().mismatch(expected))
                .as("first wrong byte of %s+%s", offset, length)
                .isEqualTo(-1);
    }

    @Override
    public void close() throws IOException {
        try (group) {
            cached.close();
        }
    }
}
