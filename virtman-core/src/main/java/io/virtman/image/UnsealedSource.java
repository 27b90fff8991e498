package io.virtman.image;

import static io.virtman.image.HashTreeLayout.BLOCK;

import io.virtman.block.BlockRange;
import io.virtman.block.BlockSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An image that is not sealed yet, as its origin vouches for it: the disk, padded to a whole block,
 * then its hash tree, of which the lowest level can be read: each page is made of the disk's bytes
 * below it when it is asked for. The levels above are known when all of the disk is. Owns the disk.
 * Safe for many threads.
 */
public final class UnsealedSource implements BlockSource {
    /** Smallest disk that has pages to vouch with. */
    public static final long SMALLEST = BLOCK + 1L;

    private static final int PAGES_IN_MEMORY = 256;

    private final BlockSource disk;
    private final HashTreeLayout layout;
    private final Map<Long, byte[]> pages =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, byte[]> eldest) {
                    return size() > PAGES_IN_MEMORY;
                }
            };

    /**
     * @param disk of {@link #SMALLEST} bytes or more
     */
    public UnsealedSource(BlockSource disk) {
        if (disk.size() < SMALLEST) {
            throw new IllegalArgumentException("a disk of " + disk.size() + " bytes has no tree");
        }
        this.disk = disk;
        this.layout = new HashTreeLayout(disk.size());
    }

    @Override
    public long size() {
        return layout.wholeSize();
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        int limit = target.limit();
        long at = offset;
        while (target.position() < limit) {
            long end = Math.min(at + limit - target.position(), endOfPart(at));
            target.limit(target.position() + (int) (end - at));
            if (at < disk.size()) {
                disk.read(at, target);
            } else if (at < layout.paddedSize()) {
                BlockRange.fillZero(target);
            } else {
                target.put(page(at - layout.paddedSize()), (int) (at % BLOCK), (int) (end - at));
            }
            target.limit(limit);
            at = end;
        }
    }

    private long endOfPart(long at) {
        if (at < disk.size()) {
            return disk.size();
        }
        return (at / BLOCK + 1) * BLOCK;
    }

    @Override
    public boolean readNow(long offset, ByteBuffer target) throws IOException {
        return offset + target.remaining() <= disk.size() && disk.readNow(offset, target);
    }

    private byte[] page(long treeOffset) throws IOException {
        if (layout.levelAt(treeOffset) > 0) {
            throw new IOException("the image is not sealed: of its tree only leaves are known");
        }
        long number = layout.pageAt(treeOffset);
        synchronized (pages) {
            byte[] known = pages.get(number);
            if (known != null) {
                return known;
            }
        }
        byte[] made = make(number);
        synchronized (pages) {
            byte[] other = pages.putIfAbsent(number, made);
            return other == null ? made : other;
        }
    }

    private byte[] make(long number) throws IOException {
        long bytes = HashTreeLayout.blocksUnderPage(0) * BLOCK;
        long offset = number * bytes;
        int length = (int) Math.min(bytes, disk.size() - offset);
        ByteBuffer content = ByteBuffer.allocate(length);
        disk.read(offset, content);
        ByteBuffer page = ByteBuffer.allocate(BLOCK);
        for (int at = 0; at < length; at += BLOCK) {
            page.put(HashTree.hash(content.slice(at, Math.min(BLOCK, length - at))));
        }
        return page.array();
    }

    @Override
    public void close() throws IOException {
        disk.close();
    }
}
