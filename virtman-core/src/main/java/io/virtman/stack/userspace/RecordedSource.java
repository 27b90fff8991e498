package io.virtman.stack.userspace;

import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import io.virtman.stack.ReadFootprint;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A source whose reads are added to a footprint. Owns nothing. */
record RecordedSource(BlockSource source, ReadFootprint footprint) implements BlockSource {
    @Override
    public long size() {
        return source.size();
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        footprint.add(offset, target.remaining());
        source.read(offset, target);
    }

    @Override
    public boolean readNow(long offset, ByteBuffer target) throws IOException {
        int length = target.remaining();
        boolean done = source.readNow(offset, target);
        if (done) {
            footprint.add(offset, length);
        }
        return done;
    }

    @Override
    public Extent extent(long offset, long length) throws IOException {
        return source.extent(offset, length);
    }

    @Override
    public void close() {}
}
