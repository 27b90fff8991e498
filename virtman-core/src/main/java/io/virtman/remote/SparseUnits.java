package io.virtman.remote;

import io.virtman.block.BlockRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes to a sparse file, leaving holes where 64 KiB are zeroes. Each write opens the file: an
 * interrupt closes a channel for all who share it.
 */
record SparseUnits(Path file) {
    private static final int PIECE = 64 * 1024;

    /** Writes bytes at a multiple of 64 KiB. */
    void write(long offset, ByteBuffer bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (int at = 0; at < bytes.limit(); at += PIECE) {
                ByteBuffer piece = bytes.slice(at, Math.min(PIECE, bytes.limit() - at));
                if (!BlockRange.isZero(piece)) {
                    long target = offset + at;
                    while (piece.hasRemaining()) {
                        target += channel.write(piece, target);
                    }
                }
            }
        }
    }
}
