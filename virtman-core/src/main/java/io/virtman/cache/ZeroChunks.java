package io.virtman.cache;

import java.util.concurrent.atomic.AtomicLongArray;

/** Which chunks are known to be all zeroes: one bit each. Safe for many threads. */
final class ZeroChunks {
    private final AtomicLongArray bits;

    ZeroChunks(long chunks) {
        this.bits = new AtomicLongArray(Math.toIntExact(Math.ceilDiv(chunks, Long.SIZE)));
    }

    boolean contains(long chunk) {
        return (bits.get((int) (chunk / Long.SIZE)) & 1L << chunk) != 0;
    }

    void add(long chunk) {
        bits.accumulateAndGet(
                (int) (chunk / Long.SIZE), 1L << chunk, (present, more) -> present | more);
    }
}
