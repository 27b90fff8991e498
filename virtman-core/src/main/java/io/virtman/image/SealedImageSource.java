package io.virtman.image;

import static io.virtman.image.HashTreeLayout.BLOCK;

import io.virtman.block.BlockRange;
import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A sealed image as other hosts read it: the data, padded to a whole block, then the hash tree in
 * full ({@link HashTreeLayout}). Pages that {@link HashTreeBuilder} left out because everything
 * below is zero are put back. It delivers what is on disk and verifies nothing: its readers do.
 * Owns both sources.
 */
public final class SealedImageSource implements BlockSource {
    private final BlockSource data;
    private final BlockSource tree;
    private final HashTreeLayout layout;

    /**
     * @throws IOException when the tree has not the size that belongs to the data
     */
    public SealedImageSource(BlockSource data, BlockSource tree) throws IOException {
        this.data = data;
        this.tree = tree;
        this.layout = new HashTreeLayout(data.size());
        if (tree.size() != layout.treeSize()) {
            throw new IOException(
                    "a hash tree of "
                            + tree.size()
                            + " bytes does not belong to an image of "
                            + data.size()
                            + " bytes, expected "
                            + layout.treeSize());
        }
    }

    /** How data and tree are laid out. */
    public HashTreeLayout layout() {
        return layout;
    }

    @Override
    public long size() {
        return layout.wholeSize();
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        int limit = target.limit();
        long at = offset;
        while (target.hasRemaining()) {
            long end = Math.min(at + target.remaining(), endOfPart(at));
            target.limit(target.position() + (int) (end - at));
            if (at < data.size()) {
                data.read(at, target);
            } else if (at < layout.paddedSize()) {
                BlockRange.fillZero(target);
            } else {
                readTree(at - layout.paddedSize(), target);
            }
            target.limit(limit);
            at = end;
        }
    }

    private long endOfPart(long offset) {
        if (offset < data.size()) {
            return data.size();
        }
        return offset < layout.paddedSize() ? layout.paddedSize() : layout.wholeSize();
    }

    private void readTree(long treeOffset, ByteBuffer target) throws IOException {
        int skip = (int) (treeOffset % BLOCK);
        long first = treeOffset - skip;
        int length = Math.toIntExact(BlockRange.roundUp(skip + (long) target.remaining(), BLOCK));
        ByteBuffer pages = ByteBuffer.allocate(length);
        tree.read(first, pages);
        for (int at = 0; at < length; at += BLOCK) {
            ByteBuffer page = pages.slice(at, BLOCK);
            if (isLeftOut(page)) {
                long pageOffset = first + at;
                layout.fillZeroPage(layout.levelAt(pageOffset), layout.pageAt(pageOffset), page);
            }
        }
        target.put(pages.slice(skip, target.remaining()));
    }

    private static boolean isLeftOut(ByteBuffer page) {
        return BlockRange.isZero(page);
    }

    /** Holes are those of the data's file; the tree counts as data. */
    @Override
    public Extent extent(long offset, long length) throws IOException {
        long end = Math.min(offset + length, endOfPart(offset));
        if (offset < data.size()) {
            return data.extent(offset, end - offset);
        }
        return new Extent(offset, end - offset, offset < layout.paddedSize());
    }

    @Override
    public void close() throws IOException {
        try (data) {
            tree.close();
        }
    }
}
