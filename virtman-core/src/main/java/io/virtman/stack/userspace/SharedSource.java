package io.virtman.stack.userspace;

import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A source lent to one connection: the connection closes its loan, not the source. */
record SharedSource(BlockSource source) implements BlockSource {
    @Override
    public long size() {
        return source.size();
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        source.read(offset, target);
    }

    @Override
    public boolean readNow(long offset, ByteBuffer target) throws IOException {
        return source.readNow(offset, target);
    }

    @Override
    public Extent extent(long offset, long length) throws IOException {
        return source.extent(offset, length);
    }

    @Override
    public void close() {}
}
