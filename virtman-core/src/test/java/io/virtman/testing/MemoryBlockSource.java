package io.virtman.testing;

import io.virtman.block.BlockSource;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** A source in memory that counts what it was asked for. */
public final class MemoryBlockSource implements BlockSource {
    private final byte[] content;
    private final AtomicLong reads = new AtomicLong();

    public MemoryBlockSource(byte[] content) {
        this.content = content;
    }

    /** Pseudo-random content, the same for the same seed. */
    public static MemoryBlockSource random(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return new MemoryBlockSource(bytes);
    }

    public byte[] content() {
        return content;
    }

    /** Calls of {@link #read} so far. */
    public long reads() {
        return reads.get();
    }

    @Override
    public long size() {
        return content.length;
    }

    @Override
    public void read(long offset, ByteBuffer target) {
        reads.incrementAndGet();
        target.put(content, Math.toIntExact(offset), target.remaining());
    }
}
