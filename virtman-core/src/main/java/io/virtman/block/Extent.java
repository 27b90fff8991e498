package io.virtman.block;

/**
 * A run of bytes of one kind.
 *
 * @param offset first byte
 * @param length bytes, at least 1
 * @param hole true when it takes no space and reads as zeroes
 */
public record Extent(long offset, long length, boolean hole) {
    public Extent {
        if (offset < 0 || length < 1) {
            throw new IllegalArgumentException("extent " + offset + "+" + length);
        }
    }

    /** The first byte after it. */
    public long end() {
        return offset + length;
    }
}
