package io.virtman.cache;

import static io.virtman.image.HashTreeLayout.BLOCK;

import io.virtman.block.Extent;
import io.virtman.block.ImageDigest;
import io.virtman.block.Upstream;
import io.virtman.image.HashTree;
import io.virtman.image.HashTreeLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Verifies chunks of a sealed image by its hash tree. */
final class TreeVerifier implements ChunkVerifier {
    private static final byte[] ZERO_BLOCK = HashTreeLayout.zeroBlockHash();

    private final HashPages tree;

    TreeVerifier(HashPages tree) {
        this.tree = tree;
    }

    @Override
    public boolean isZero(long chunk) throws IOException {
        byte[] hashes = hashes(chunk);
        for (int at = 0; at < hashes.length; at += ImageDigest.BYTES) {
            if (!Arrays.equals(
                    hashes, at, at + ImageDigest.BYTES, ZERO_BLOCK, 0, ImageDigest.BYTES)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Upstream.Check check(long chunk) throws IOException {
        byte[] hashes = hashes(chunk);
        int length = Chunks.length(tree.layout().dataSize(), chunk);
        return bytes -> bytes.remaining() == length && matches(bytes, hashes);
    }

    private static boolean matches(ByteBuffer bytes, byte[] hashes) {
        for (int at = 0, block = 0; at < bytes.remaining(); at += BLOCK, block++) {
            ByteBuffer one =
                    bytes.slice(bytes.position() + at, Math.min(BLOCK, bytes.remaining() - at));
            int entry = block * ImageDigest.BYTES;
            byte[] hash = HashTree.hash(one);
            if (!Arrays.equals(hash, 0, hash.length, hashes, entry, entry + ImageDigest.BYTES)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The hashes of the chunk's blocks, one behind the other: a copy, so that the check waits for
     * nothing.
     */
    private byte[] hashes(long chunk) throws IOException {
        long first = Chunks.offset(chunk) / BLOCK;
        int count = Math.ceilDiv(Chunks.length(tree.layout().dataSize(), chunk), BLOCK);
        if (tree.layout().levels() == 0) {
            return tree.blockHash(0);
        }
        byte[] page = tree.page(0, tree.layout().pageAbove(0, first));
        int at = tree.layout().entryAbove(0, first) * ImageDigest.BYTES;
        return Arrays.copyOfRange(page, at, at + count * ImageDigest.BYTES);
    }

    @Override
    public Extent extent(long offset, long length) throws IOException {
        boolean hole = isHole(offset);
        long end = offset + length;
        long at = next(offset);
        while (at < end && isHole(at) == hole) {
            at = next(at);
        }
        return new Extent(offset, Math.min(at, end) - offset, hole);
    }

    private boolean isHole(long offset) throws IOException {
        long block = offset / BLOCK;
        return isZeroPage(block) || HashTreeLayout.isZeroBlock(tree.blockHash(block));
    }

    /**
     * Where the next decision is due: behind the whole page when it is over zeroes only, else
     * behind the block.
     */
    private long next(long offset) throws IOException {
        long block = offset / BLOCK;
        long pageBlocks = HashTreeLayout.blocksUnderPage(0);
        return (isZeroPage(block) ? (block / pageBlocks + 1) * pageBlocks : block + 1) * BLOCK;
    }

    private boolean isZeroPage(long block) throws IOException {
        return tree.layout().levels() > 0 && tree.isZero(0, tree.layout().pageAbove(0, block));
    }
}
