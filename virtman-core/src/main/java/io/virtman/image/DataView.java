package io.virtman.image;

import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Only the disk of a sealed image, without padding and tree: what a guest sees. Owns the whole. */
public final class DataView implements BlockSource {
    private final BlockSource whole;
    private final long size;

    /**
     * @param whole data and tree
     * @param size bytes of the disk
     */
    public DataView(BlockSource whole, long size) {
        if (size < 1 || size > whole.size()) {
            throw new IllegalArgumentException("size " + size + " of " + whole.size());
        }
        this.whole = whole;
        this.size = size;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        whole.read(offset, target);
    }

    @Override
    public boolean readNow(long offset, ByteBuffer target) throws IOException {
        return whole.readNow(offset, target);
    }

    @Override
    public Extent extent(long offset, long length) throws IOException {
        return whole.extent(offset, length);
    }

    @Override
    public void close() throws IOException {
        whole.close();
    }
}
