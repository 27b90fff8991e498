package io.virtman.cache;

import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The first bytes of a source: the disk without what lies behind it. Owns nothing. */
record DiskView(BlockSource whole, long size) implements BlockSource {
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
    public void close() {}
}
