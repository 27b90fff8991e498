package io.virtman.cache;

import static io.virtman.image.HashTreeLayout.BLOCK;

import io.virtman.block.BlockRange;
import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import io.virtman.block.SealedImage;
import io.virtman.block.Upstream;
import io.virtman.image.HashTree;
import io.virtman.image.HashTreeLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A sealed image as its origin serves it, every block verified on every read: a disk that rots
 * under the origin costs an error and never a wrong byte, here or on any host below. The source is
 * [disk padded to 4 KiB | hash tree] and owned. Safe for many threads.
 */
public final class VerifiedSource implements BlockSource {
    private final SealedImage image;
    private final BlockSource whole;
    private final VerifiedTree tree;
    private final TreeVerifier verifier;

    public VerifiedSource(SealedImage image, BlockSource whole) {
        this.image = image;
        this.whole = whole;
        this.tree = new VerifiedTree(image, this::fetch, SpareMedium.NONE);
        this.verifier = new TreeVerifier(tree);
    }

    private void fetch(long offset, ByteBuffer target, Upstream.Check check) throws IOException {
        ByteBuffer bytes = target.duplicate();
        whole.read(offset, target);
        if (!check.accepts(bytes)) {
            throw new IOException("the image's own files are damaged at offset " + offset);
        }
    }

    @Override
    public long size() {
        return whole.size();
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        int limit = target.limit();
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        long at = offset;
        while (target.position() < limit) {
            int from = (int) (at % BLOCK);
            int length = Math.min(BLOCK - from, limit - target.position());
            readBlock(at / BLOCK, block.clear());
            target.put(target.position(), block, from, length).position(target.position() + length);
            at += length;
        }
    }

    /** A whole block of the disk, or page of the tree. */
    private void readBlock(long number, ByteBuffer block) throws IOException {
        HashTreeLayout layout = tree.layout();
        if (number >= layout.blocks()) {
            long inTree = number * BLOCK - layout.paddedSize();
            block.put(tree.page(layout.levelAt(inTree), layout.pageAt(inTree))).flip();
            return;
        }
        byte[] expected = tree.blockHash(number);
        if (HashTreeLayout.isZeroBlock(expected)) {
            BlockRange.fillZero(block);
            block.flip();
            return;
        }
        fetch(number * BLOCK, block, bytes -> Arrays.equals(HashTree.hash(bytes), expected));
        block.flip();
    }

    @Override
    public Extent extent(long offset, long length) throws IOException {
        if (offset >= image.size()) {
            return new Extent(offset, length, false);
        }
        return verifier.extent(offset, Math.min(length, image.size() - offset));
    }

    @Override
    public void close() throws IOException {
        whole.close();
    }
}
