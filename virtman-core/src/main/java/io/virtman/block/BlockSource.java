package io.virtman.block;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Something of fixed size whose bytes can be read at any offset. Files, caches, remote exports and
 * decorators all are one. Implementations are safe for use by many threads at once.
 */
public interface BlockSource extends Closeable {
    /** Size in bytes; never changes. */
    long size();

    /**
     * Fills {@code target} (its remaining bytes) with the bytes from {@code offset} on. May wait
     * for other hosts.
     *
     * <p>The caller keeps {@code offset >= 0} and {@code offset + target.remaining() <= size()};
     * the protocol boundary checks it once ({@link BlockRange#require}).
     *
     * @throws IOException when the right bytes cannot be had; wrong bytes are never delivered.
     *     {@code target}'s position and content are then undefined.
     */
    void read(long offset, ByteBuffer target) throws IOException;

    /**
     * Reads like {@link #read} if that needs no waiting for another host; otherwise returns false
     * at once, with {@code target}'s position unchanged. It is what lets a server answer a hit
     * without a thread of its own.
     */
    default boolean readNow(long offset, ByteBuffer target) throws IOException {
        read(offset, target);
        return true;
    }

    /**
     * Says what lies at {@code offset}: an extent beginning there, of 1 to {@code length} bytes,
     * that is all hole (reads as zeroes) or all data. May wait for other hosts. Consecutive extents
     * need not differ.
     */
    default Extent extent(long offset, long length) throws IOException {
        return new Extent(offset, length, false);
    }

    /** Releases what this source owns; a decorator says whether it owns what it decorates. */
    @Override
    default void close() throws IOException {}
}
