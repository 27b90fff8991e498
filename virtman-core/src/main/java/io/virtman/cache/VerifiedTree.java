package io.virtman.cache;

import static io.virtman.image.HashTreeLayout.BLOCK;
import static io.virtman.image.HashTreeLayout.HASHES_PER_PAGE;

import io.virtman.block.BlockRange;
import io.virtman.block.SealedImage;
import io.virtman.block.Upstream;
import io.virtman.image.HashTree;
import io.virtman.image.HashTreeLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The hash tree of one image, fetched page by page when first needed. Each page is verified against
 * the page above it, up to the digest, before it is used or kept; pages over zeroes only are known
 * and never fetched. Kept pages live in a sparse file that needs no index: a page that does not
 * verify counts as absent. Safe for many threads.
 */
final class VerifiedTree implements HashPages {
    private static final int PAGES_IN_MEMORY = 4096; // 16 MiB of pages, enough for 2 GiB of disk

    private final HashTreeLayout layout;
    private final byte[] root;
    private final Upstream upstream;
    private final SpareMedium kept;
    private final @Nullable VouchedPages vouched;
    private final PageMemory memory = new PageMemory(PAGES_IN_MEMORY);
    private final SingleFlight<Long, byte[]> flights = new SingleFlight<>();

    /**
     * @param upstream gives the tree at the offsets behind the padded disk, as in an image's peer
     *     export
     * @param kept where pages are kept; owned from here on
     */
    VerifiedTree(SealedImage image, Upstream upstream, SpareMedium kept) {
        this(image, upstream, kept, null);
    }

    /**
     * @param vouched what the origin said of the image before it was sealed; owned from here on
     */
    VerifiedTree(
            SealedImage image,
            Upstream upstream,
            SpareMedium kept,
            @Nullable VouchedPages vouched) {
        this.vouched = vouched;
        this.layout = new HashTreeLayout(image.size());
        this.root = image.digest().bytes();
        this.upstream = upstream;
        this.kept = kept;
    }

    @Override
    public HashTreeLayout layout() {
        return layout;
    }

    @Override
    public byte[] blockHash(long block) throws IOException {
        return entry(-1, block);
    }

    @Override
    public byte[] page(int level, long page) throws IOException {
        byte[] known = pageNow(level, page);
        return known != null ? known : flights.run(key(level, page), () -> load(level, page));
    }

    @Override
    public byte @Nullable [] pageNow(int level, long page) {
        return memory.get(key(level, page));
    }

    @Override
    public boolean isZero(int level, long page) throws IOException {
        return layout.isZeroSubtree(level, page, entry(level, page));
    }

    /**
     * The hash of a page (level 0 and up) or data block (level -1), from the page above it or the
     * digest.
     */
    private byte[] entry(int level, long number) throws IOException {
        if (level + 1 == layout.levels()) {
            return root;
        }
        byte[] above = page(level + 1, number / HASHES_PER_PAGE);
        int at = (int) (number % HASHES_PER_PAGE) * root.length;
        return Arrays.copyOfRange(above, at, at + root.length);
    }

    private byte[] load(int level, long page) throws IOException {
        byte[] known = pageNow(level, page);
        if (known != null) {
            return known; // by a flight that ended after the caller had looked
        }
        byte[] expected = entry(level, page);
        byte[] bytes = new byte[BLOCK];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        if (layout.isZeroSubtree(level, page, expected)) {
            layout.fillZeroPage(level, page, buffer);
        } else if (!kept.read(layout.pageOffset(level, page), buffer)
                || !Arrays.equals(HashTree.hash(buffer.rewind()), expected)) {
            long offset = layout.paddedSize() + layout.pageOffset(level, page);
            upstream.fetch(
                    offset,
                    buffer.clear(),
                    fetched -> Arrays.equals(HashTree.hash(fetched), expected));
            kept.write(layout.pageOffset(level, page), buffer.clear());
        }
        requirePadding(level, page, bytes);
        requireAsSaid(level, page, expected);
        memory.put(key(level, page), bytes);
        return bytes;
    }

    /** What was verified by the origin's word before the seal may have reached a guest. */
    private void requireAsSaid(int level, long page, byte[] sealed) throws IOException {
        byte[] said = level == 0 && vouched != null ? vouched.said(page) : null;
        if (said != null && !Arrays.equals(said, sealed)) {
            throw new IOException(
                    "the image was sealed with other content than its origin vouched for");
        }
    }

    /**
     * Up to the last hash of a level nothing is zero, behind it everything: the tree itself tells
     * when the disk was said to be shorter or longer than it is, before a block that can't be right
     * is asked for and its sender blamed.
     */
    private void requirePadding(int level, long page, byte[] bytes) throws IOException {
        int used = layout.entries(level, page) * root.length;
        boolean longer = !BlockRange.isZero(ByteBuffer.wrap(bytes, used, BLOCK - used));
        boolean shorter =
                BlockRange.isZero(ByteBuffer.wrap(bytes, used - root.length, root.length));
        if (longer || shorter) {
            throw new IOException(
                    "the image is "
                            + (longer ? "larger" : "smaller")
                            + " than the "
                            + layout.dataSize()
                            + " bytes it was said to have");
        }
    }

    /**
     * Follows the path to the last block, which fails when the image's size is not the one that was
     * sealed.
     */
    @Override
    public void requireSize() throws IOException {
        blockHash(layout.blocks() - 1);
    }

    private long key(int level, long page) {
        return layout.pageOffset(level, page);
    }

    @Override
    public void close() throws IOException {
        try (vouched) {
            kept.close();
        }
    }
}
