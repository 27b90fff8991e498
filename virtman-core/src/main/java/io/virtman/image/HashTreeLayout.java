package io.virtman.image;

import io.virtman.block.BlockRange;
import io.virtman.block.ImageDigest;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Where everything is in the hash tree of an image: the on-disk format of dm-verity, version 1,
 * without superblock and salt, SHA-256, 4 KiB blocks (kernel: Documentation/admin-guide/
 * device-mapper/verity.rst). Pure and immutable; no hashing of content happens here.
 *
 * <pre>
 * level 1 (top)   [ page 0 ]                       stored first; its hash is the digest
 * level 0         [ page 0 ][ page 1 ] ...         128 hashes of data blocks each
 * data            128 blocks, 128 blocks, ...
 * </pre>
 *
 * A page is {@value #BLOCK} bytes: up to {@value #HASHES_PER_PAGE} hashes of what is below it, the
 * rest zero bytes. The last data block counts as padded with zeroes. Data of one block has no tree:
 * its hash is the digest.
 *
 * <p>A page with nothing but zero blocks below it is known without reading anything ({@link
 * #isZeroSubtree}, {@link #fillZeroPage}), so runs of zeroes need neither data nor tree to travel.
 */
public final class HashTreeLayout {
    /** Bytes of a data block and of a page. */
    public static final int BLOCK = 4096;

    /** Hashes in a full page. */
    public static final int HASHES_PER_PAGE = BLOCK / ImageDigest.BYTES;

    /** Largest image: 2^60 bytes. */
    public static final long MAXIMUM_SIZE = 1L << 60;

    private static final int PAGE_BITS = 7;
    private static final byte[] ZEROES = new byte[BLOCK];
    private static final byte[] ZERO_BLOCK_HASH = HashTree.hash(ByteBuffer.wrap(ZEROES));

    private final long dataSize;
    private final long blocks;
    private final long[] pages; // by level
    private final long[] firstPage; // by level: pages stored before the level
    private final byte[][] fullZeroHash; // by level: page over zero blocks, all 128 subtrees full
    private final byte[][] lastZeroHash; // by level: last page of the level over zero blocks

    /**
     * @param dataSize bytes of the disk, 1 to {@link #MAXIMUM_SIZE}; needs not be a multiple of a
     *     block
     */
    public HashTreeLayout(long dataSize) {
        if (dataSize < 1 || dataSize > MAXIMUM_SIZE) {
            throw new IllegalArgumentException("size " + dataSize);
        }
        this.dataSize = dataSize;
        this.blocks = Math.ceilDiv(dataSize, BLOCK);
        int levels = 0;
        while ((blocks - 1) >> (PAGE_BITS * levels) != 0) {
            levels++;
        }
        this.pages = new long[levels];
        for (int level = 0; level < levels; level++) {
            pages[level] = Math.ceilDiv(blocks, blocksUnderPage(level));
        }
        this.firstPage = new long[levels];
        for (int level = levels - 2; level >= 0; level--) {
            firstPage[level] = firstPage[level + 1] + pages[level + 1];
        }
        this.fullZeroHash = new byte[levels][];
        this.lastZeroHash = new byte[levels][];
        ByteBuffer page = ByteBuffer.allocate(BLOCK);
        for (int level = 0; level < levels; level++) {
            byte[] child = level == 0 ? ZERO_BLOCK_HASH : fullZeroHash[level - 1];
            fullZeroHash[level] = hashOf(page, HASHES_PER_PAGE, child, child);
            fillZeroPage(level, pages[level] - 1, page.clear());
            lastZeroHash[level] = HashTree.hash(page.flip());
        }
    }

    /** Bytes of the disk. */
    public long dataSize() {
        return dataSize;
    }

    /** Bytes of the disk with its last block padded; the tree follows there. */
    public long paddedSize() {
        return blocks * BLOCK;
    }

    /** Data blocks. */
    public long blocks() {
        return blocks;
    }

    /** Levels of pages: 0 for data of one block. Level 0 holds the hashes of data blocks. */
    public int levels() {
        return pages.length;
    }

    /** Pages of a level. */
    public long pages(int level) {
        return pages[level];
    }

    /** Bytes of the whole tree: a multiple of a page, 0 for data of one block. */
    public long treeSize() {
        return levels() == 0 ? 0 : (firstPage[0] + pages[0]) * BLOCK;
    }

    /** Bytes of data and tree, laid one behind the other as a member reads them. */
    public long wholeSize() {
        return paddedSize() + treeSize();
    }

    /** Where a page begins, in bytes from the start of the tree. */
    public long pageOffset(int level, long page) {
        requirePage(level, page);
        return (firstPage[level] + page) * BLOCK;
    }

    /** The page of {@code level} above a data block. */
    public long pageAbove(int level, long block) {
        return block >> (PAGE_BITS * (level + 1));
    }

    /** Which entry of {@link #pageAbove} leads to a data block. */
    public int entryAbove(int level, long block) {
        return (int) (block >> (PAGE_BITS * level)) & (HASHES_PER_PAGE - 1);
    }

    /** Data blocks below a full page of {@code level}. */
    public static long blocksUnderPage(int level) {
        return 1L << (PAGE_BITS * (level + 1));
    }

    /** The level of the page at {@code treeOffset}, in bytes from the start of the tree. */
    public int levelAt(long treeOffset) {
        BlockRange.require(treeSize(), treeOffset, 1);
        int level = levels() - 1;
        while (treeOffset / BLOCK >= firstPage[level] + pages[level]) {
            level--;
        }
        return level;
    }

    /** The number, within its level, of the page at {@code treeOffset}. */
    public long pageAt(long treeOffset) {
        return treeOffset / BLOCK - firstPage[levelAt(treeOffset)];
    }

    /** Hashes in a page: 128, or fewer in the last page of a level. */
    public int entries(int level, long page) {
        requirePage(level, page);
        long children = level == 0 ? blocks : pages[level - 1];
        return (int) Math.min(HASHES_PER_PAGE, children - page * HASHES_PER_PAGE);
    }

    /** The hash of a data block of zeroes; a fresh copy. */
    public static byte[] zeroBlockHash() {
        return ZERO_BLOCK_HASH.clone();
    }

    /** Whether {@code expectedHash} is that of a data block of zeroes. */
    public static boolean isZeroBlock(byte[] expectedHash) {
        return Arrays.equals(ZERO_BLOCK_HASH, expectedHash);
    }

    /** The hash a page has when all data below it is zero; a fresh copy. */
    public byte[] zeroPageHash(int level, long page) {
        return knownZeroHash(level, page).clone();
    }

    /**
     * Whether {@code expectedHash}, which the parent of a page gives for it, says that all data
     * below the page is zero. Then {@link #fillZeroPage} is the page.
     */
    public boolean isZeroSubtree(int level, long page, byte[] expectedHash) {
        return Arrays.equals(knownZeroHash(level, page), expectedHash);
    }

    /** Puts the {@value #BLOCK} bytes of a page with nothing but zeroes below it. */
    public void fillZeroPage(int level, long page, ByteBuffer target) {
        int entries = entries(level, page);
        long lastChild = page * HASHES_PER_PAGE + entries - 1;
        byte[] full = level == 0 ? ZERO_BLOCK_HASH : fullZeroHash[level - 1];
        byte[] last = level == 0 ? ZERO_BLOCK_HASH : knownZeroHash(level - 1, lastChild);
        putPage(target, entries, full, last);
    }

    private byte[] knownZeroHash(int level, long page) {
        requirePage(level, page);
        return page == pages[level] - 1 ? lastZeroHash[level] : fullZeroHash[level];
    }

    private void requirePage(int level, long page) {
        if (page < 0 || page >= pages[level]) {
            throw new IndexOutOfBoundsException("page " + page + " of level " + level);
        }
    }

    private static byte[] hashOf(ByteBuffer page, int entries, byte[] full, byte[] last) {
        page.clear();
        putPage(page, entries, full, last);
        return HashTree.hash(page.flip());
    }

    private static void putPage(ByteBuffer target, int entries, byte[] full, byte[] last) {
        for (int entry = 0; entry < entries - 1; entry++) {
            target.put(full);
        }
        target.put(last);
        target.put(ZEROES, 0, BLOCK - entries * ImageDigest.BYTES);
    }
}
