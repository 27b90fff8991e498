package io.virtman.block;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A source lent to somebody who closes what he was given: closing the loan closes nothing. */
public record LentSource(BlockSource source) implements BlockSource {
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
