package io.virtman.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HashTreeLayoutTest {
    private static final long MIB = 1 << 20;

    @ParameterizedTest
    @CsvSource({
        "1, 1, 0, 0",
        "4096, 1, 0, 0",
        "4097, 2, 1, 1",
        "524288, 128, 1, 1",
        "524289, 129, 2, 3",
        "67108864, 16384, 2, 129",
        "67108865, 16385, 3, 132",
        "1099511627776, 268435456, 4, 2113665",
        "1152921504606846976, 281474976710656, 7, 2216338399297"
    })
    void sizes(long dataSize, long blocks, int levels, long pages) {
        var layout = new HashTreeLayout(dataSize);
        assertThat(layout.blocks()).isEqualTo(blocks);
        assertThat(layout.levels()).isEqualTo(levels);
        assertThat(layout.treeSize()).isEqualTo(pages * HashTreeLayout.BLOCK);
        assertThat(layout.wholeSize()).isEqualTo(blocks * 4096 + layout.treeSize());
    }

    @Test
    void levelsAreStoredTopFirst() {
        var layout = new HashTreeLayout(65 * MIB); // 16640 blocks: 130 + 2 + 1 pages
        assertThat(layout.pageOffset(2, 0)).isZero();
        assertThat(layout.pageOffset(1, 0)).isEqualTo(4096);
        assertThat(layout.pageOffset(1, 1)).isEqualTo(2 * 4096);
        assertThat(layout.pageOffset(0, 0)).isEqualTo(3 * 4096);
        assertThat(layout.pageOffset(0, 129)).isEqualTo(132 * 4096);
        assertThat(layout.treeSize()).isEqualTo(133 * 4096);
        assertThatThrownBy(() -> layout.pageOffset(0, 130))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void everyTreeOffsetBelongsToOnePage() {
        var layout = new HashTreeLayout(65 * MIB);
        for (int level = 0; level < layout.levels(); level++) {
            for (long page = 0; page < layout.pages(level); page++) {
                long offset = layout.pageOffset(level, page);
                assertThat(layout.levelAt(offset)).isEqualTo(level);
                assertThat(layout.pageAt(offset + 4095)).isEqualTo(page);
            }
        }
    }

    @Test
    void theWayUpFromABlock() {
        var layout = new HashTreeLayout(65 * MIB);
        long block = 16_639;
        assertThat(layout.pageAbove(0, block)).isEqualTo(129);
        assertThat(layout.entryAbove(0, block)).isEqualTo(127);
        assertThat(layout.pageAbove(1, block)).isEqualTo(1);
        assertThat(layout.entryAbove(1, block)).isEqualTo(1);
        assertThat(layout.pageAbove(2, block)).isZero();
        assertThat(layout.entryAbove(2, block)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {4097, 500_000, 524_288, 524_289, 65 * MIB, 65 * MIB + 4096})
    void zeroPagesAreThoseOfATreeOverZeroes(long dataSize) {
        var layout = new HashTreeLayout(dataSize);
        byte[][] below = new byte[Math.toIntExact(layout.blocks())][];
        Arrays.setAll(below, _ -> HashTree.hash(ByteBuffer.allocate(4096)));
        for (int level = 0; level < layout.levels(); level++) {
            byte[][] hashes = new byte[Math.toIntExact(layout.pages(level))][];
            for (int page = 0; page < hashes.length; page++) {
                ByteBuffer expected = ByteBuffer.allocate(4096);
                for (int i = page * 128; i < Math.min((page + 1) * 128, below.length); i++) {
                    expected.put(below[i]);
                }
                ByteBuffer actual = ByteBuffer.allocate(4096 + 10);
                layout.fillZeroPage(level, page, actual);
                assertThat(actual.position()).isEqualTo(4096);
                assertThat(actual.flip()).isEqualTo(expected.clear());
                hashes[page] = HashTree.hash(expected);
                assertThat(layout.zeroPageHash(level, page)).isEqualTo(hashes[page]);
                assertThat(layout.isZeroSubtree(level, page, hashes[page])).isTrue();
                assertThat(layout.isZeroSubtree(level, page, below[0])).isFalse();
            }
            below = hashes;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, HashTreeLayout.MAXIMUM_SIZE + 1, Long.MAX_VALUE})
    void absurdSizesAreRefused(long size) {
        assertThatThrownBy(() -> new HashTreeLayout(size))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aShortBlockIsHashedAsPadded() {
        byte[] content = {1, 2, 3};
        ByteBuffer padded = ByteBuffer.allocate(4096).put(content).rewind();
        assertThat(HashTree.hash(ByteBuffer.wrap(content))).isEqualTo(HashTree.hash(padded));
        assertThat(padded.position()).isZero();
    }
}
