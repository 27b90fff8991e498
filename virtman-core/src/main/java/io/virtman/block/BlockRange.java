package io.virtman.block;

import java.nio.ByteBuffer;

/** Arithmetic on byte ranges. */
public final class BlockRange {
    private static final byte[] ZEROES = new byte[64 * 1024];

    private BlockRange() {}

    /**
     * Checks a range from outside, safe against overflow.
     *
     * @throws IndexOutOfBoundsException when it does not lie within {@code 0..size}
     */
    public static void require(long size, long offset, long length) {
        if (offset < 0 || length < 0 || offset > size || length > size - offset) {
            throw new IndexOutOfBoundsException(offset + "+" + length + " of " + size);
        }
    }

    /** The smallest multiple of {@code unit} that is not less than {@code value}. */
    public static long roundUp(long value, long unit) {
        return Math.ceilDiv(value, unit) * unit;
    }

    /** Fills the remaining bytes of {@code target} with zeroes. */
    public static void fillZero(ByteBuffer target) {
        while (target.hasRemaining()) {
            target.put(ZEROES, 0, Math.min(ZEROES.length, target.remaining()));
        }
    }

    /** Whether all remaining bytes are zero; leaves the position alone. */
    public static boolean isZero(ByteBuffer bytes) {
        int at = bytes.position();
        for (; at <= bytes.limit() - Long.BYTES; at += Long.BYTES) {
            if (bytes.getLong(at) != 0) {
                return false;
            }
        }
        for (; at < bytes.limit(); at++) {
            if (bytes.get(at) != 0) {
                return false;
            }
        }
        return true;
    }
}
