package io.virtman.stack;

import java.util.concurrent.ConcurrentHashMap;

/**
 * Which parts of an image one VM has read: distinct 4 KiB blocks, and the chunks they lie in. This
 * is where the working set W comes from. Takes memory only for what was read. Safe for many
 * threads.
 */
public final class ReadFootprint {
    private static final int BLOCK = 4096;
    private static final int BLOCKS_PER_CHUNK = 16;

    private final ConcurrentHashMap<Long, Integer> masks = new ConcurrentHashMap<>();

    /**
     * How much was read.
     *
     * @param guestBytes distinct 4 KiB blocks, in bytes (W_guest)
     * @param chunkBytes the same rounded to chunks of 64 KiB (W)
     */
    public record Size(long guestBytes, long chunkBytes) {
        /** Nothing read. */
        public static final Size NONE = new Size(0, 0);
    }

    /** Adds a read of {@code length} bytes at {@code offset}. */
    public void add(long offset, int length) {
        if (length == 0) {
            return;
        }
        long first = offset / BLOCK;
        long last = (offset + length - 1) / BLOCK;
        for (long chunk = first / BLOCKS_PER_CHUNK; chunk <= last / BLOCKS_PER_CHUNK; chunk++) {
            int from = (int) Math.max(0, first - chunk * BLOCKS_PER_CHUNK);
            int to = (int) Math.min(BLOCKS_PER_CHUNK - 1, last - chunk * BLOCKS_PER_CHUNK);
            int mask = (0xffff >>> (BLOCKS_PER_CHUNK - 1 - to + from)) << from;
            Integer known = masks.get(chunk);
            if (known == null || (known & mask) != mask) {
                masks.merge(chunk, mask, (a, b) -> a | b);
            }
        }
    }

    /** What has been read until now. */
    public Size size() {
        long blocks = 0;
        long chunks = 0;
        for (int mask : masks.values()) {
            blocks += Integer.bitCount(mask);
            chunks++;
        }
        return new Size(blocks * BLOCK, chunks * BLOCKS_PER_CHUNK * BLOCK);
    }
}
