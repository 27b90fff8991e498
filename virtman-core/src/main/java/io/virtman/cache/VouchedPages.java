package io.virtman.cache;

import static io.virtman.image.HashTreeLayout.BLOCK;

import io.virtman.block.BlockRange;
import io.virtman.block.ImageDigest;
import io.virtman.block.Upstream;
import io.virtman.image.HashTree;
import io.virtman.image.HashTreeLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The lowest level of the hash tree of an image that is not sealed yet, as its origin gave it:
 * there is nothing above to verify it by. What the origin once said of a page holds for as long as
 * this object lives, and later for the sealed tree ({@link #said}). Pages that do not fit in memory
 * are kept in a file, which is believed only as far as their hashes, kept in memory, go. Safe for
 * many threads.
 */
final class VouchedPages implements HashPages {
    private static final int PAGES_IN_MEMORY = 4096;

    private final HashTreeLayout layout;
    private final Upstream origin;
    private final SpareMedium kept;
    private final PageMemory memory = new PageMemory(PAGES_IN_MEMORY);
    private final Map<Long, byte[]> hashes = new ConcurrentHashMap<>(); // by number of the page
    private final SingleFlight<Long, byte[]> flights = new SingleFlight<>();

    /**
     * @param size of the disk, more than a block
     * @param origin the image's origin itself, never another parent
     * @param kept where pages are kept; owned from here on
     */
    VouchedPages(long size, Upstream origin, SpareMedium kept) {
        this.layout = new HashTreeLayout(size);
        this.origin = origin;
        this.kept = kept;
    }

    @Override
    public HashTreeLayout layout() {
        return layout;
    }

    @Override
    public byte[] blockHash(long block) throws IOException {
        byte[] page = page(0, layout.pageAbove(0, block));
        int at = layout.entryAbove(0, block) * ImageDigest.BYTES;
        return Arrays.copyOfRange(page, at, at + ImageDigest.BYTES);
    }

    @Override
    public byte[] page(int level, long page) throws IOException {
        if (level > 0) {
            throw new IOException("the image is not sealed: of its tree only leaves are known");
        }
        byte[] known = memory.get(page);
        return known != null ? known : flights.run(page, () -> load(page));
    }

    @Override
    public byte @Nullable [] pageNow(int level, long page) {
        return level > 0 ? null : memory.get(page);
    }

    private byte[] load(long page) throws IOException {
        byte[] known = memory.get(page);
        if (known != null) {
            return known;
        }
        byte[] bytes = new byte[BLOCK];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        byte[] before = hashes.get(page);
        if (before == null
                || !kept.read(layout.pageOffset(0, page), buffer)
                || !Arrays.equals(HashTree.hash(buffer.rewind()), before)) {
            fetch(page, buffer.clear(), before);
        }
        memory.put(page, bytes);
        return bytes;
    }

    private void fetch(long page, ByteBuffer buffer, byte @Nullable [] before) throws IOException {
        int used = layout.entries(0, page) * ImageDigest.BYTES;
        origin.fetch(
                layout.paddedSize() + layout.pageOffset(0, page),
                buffer,
                bytes -> BlockRange.isZero(bytes.slice(used, BLOCK - used)));
        byte[] hash = HashTree.hash(buffer.clear());
        if (before != null && !Arrays.equals(hash, before)) {
            throw new IOException("the image's origin does not stand by what it said");
        }
        hashes.put(page, hash);
        kept.write(layout.pageOffset(0, page), buffer);
    }

    /** The hash of a page as the origin gave it; null when it was not asked. */
    byte @Nullable [] said(long page) {
        return hashes.get(page);
    }

    @Override
    public boolean isZero(int level, long page) {
        return false; // to know it would take the page
    }

    @Override
    public void requireSize() {}

    @Override
    public void close() throws IOException {
        kept.close();
    }
}
