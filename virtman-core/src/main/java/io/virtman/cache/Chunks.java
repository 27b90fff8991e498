package io.virtman.cache;

/** The unit of transfer and caching. */
public final class Chunks {
    /** Bytes of a chunk; the last one of an image may be shorter. */
    public static final int BYTES = 64 * 1024;

    private Chunks() {}

    /** Chunks of a disk of {@code size} bytes. */
    public static long count(long size) {
        return Math.ceilDiv(size, BYTES);
    }

    /** The chunk that holds the byte at {@code offset}. */
    public static long at(long offset) {
        return offset / BYTES;
    }

    /** First byte of a chunk. */
    public static long offset(long chunk) {
        return chunk * BYTES;
    }

    /** Bytes of a chunk of a disk of {@code size} bytes. */
    public static int length(long size, long chunk) {
        return (int) Math.min(BYTES, size - offset(chunk));
    }
}
