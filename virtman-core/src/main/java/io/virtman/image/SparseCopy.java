package io.virtman.image;

import io.virtman.block.BlockRange;
import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.function.LongConsumer;

/** Copies a source into an empty file, leaving holes where it has holes or 64 KiB of zeroes. */
final class SparseCopy {
    private static final int BUFFER = 1 << 20;
    private static final int PIECE = 64 * 1024;

    private SparseCopy() {}

    /**
     * @param to a file of the source's size without any data
     * @param progress told the bytes done so far
     */
    static void copy(BlockSource from, FileChannel to, LongConsumer progress) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        long at = 0;
        while (at < from.size()) {
            Extent extent = from.extent(at, from.size() - at);
            if (extent.hole()) {
                at = extent.end();
            } else {
                // up to a multiple of the buffer, so that pieces stay aligned
                long end = Math.min(extent.end(), (at / BUFFER + 1) * BUFFER);
                from.read(at, buffer.clear().limit((int) (end - at)));
                writeData(buffer.flip(), to, at);
                at = end;
            }
            progress.accept(at);
        }
    }

    private static void writeData(ByteBuffer buffer, FileChannel to, long offset)
            throws IOException {
        int end = buffer.limit();
        int at = 0;
        while (at < end) {
            int next = (int) Math.min(end, ((offset + at) / PIECE + 1) * PIECE - offset);
            ByteBuffer piece = buffer.slice(at, next - at);
            if (!BlockRange.isZero(piece)) {
                long target = offset + at;
                while (piece.hasRemaining()) {
                    target += to.write(piece, target);
                }
            }
            at = next;
        }
    }
}
