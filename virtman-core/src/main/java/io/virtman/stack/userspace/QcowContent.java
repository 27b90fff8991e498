package io.virtman.stack.userspace;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Whether a qcow2 file has data of its own, told from its header and first-level table (QEMU:
 * docs/interop/qcow2.txt). A layer that nobody wrote to has no second-level table. Whatever is not
 * as in a file that QEMU has just made counts as data. Immutable; any thread.
 */
final class QcowContent {
    private static final int MAGIC = 0x514649fb;
    private static final int HEADER = 80; // up to the incompatible features
    private static final int LARGEST_TABLE = 32 << 20; // QEMU's own limit
    private static final int PIECE = 64 << 10;

    private QcowContent() {}

    /**
     * Whether the file may have data; nobody has it open. Reads at most 32 MiB, for most disks 80
     * bytes and a few.
     *
     * @return true also when there is no such file
     * @throws IOException when it can't be read
     */
    static boolean possible(Path qcow2) throws IOException {
        try (FileChannel file = FileChannel.open(qcow2, StandardOpenOption.READ)) {
            ByteBuffer header = ByteBuffer.allocate(HEADER);
            return !read(file, 0, header) || !fresh(header) || !emptyTable(file, header);
        } catch (NoSuchFileException e) {
            return true; // as after a mount that didn't come up: nobody knows what was in it
        }
    }

    /** Whether a header is one of a file that works, without snapshots or strange features. */
    private static boolean fresh(ByteBuffer header) {
        int version = header.getInt(4);
        boolean encrypted = header.getInt(32) != 0;
        boolean snapshots = header.getInt(60) != 0;
        return header.getInt(0) == MAGIC
                && (version == 2 || (version == 3 && header.getLong(72) == 0))
                && !encrypted
                && !snapshots;
    }

    /** Whether each disk range of the first-level table has no second-level table. */
    private static boolean emptyTable(FileChannel file, ByteBuffer header) throws IOException {
        long size = header.getLong(24);
        int clusterBits = header.getInt(20);
        long entries = Integer.toUnsignedLong(header.getInt(36));
        long table = header.getLong(40);
        if (clusterBits < 9
                || clusterBits > 21
                || size < 0
                || entries * Long.BYTES > LARGEST_TABLE
                || table < HEADER
                || table % (1L << clusterBits) != 0
                || table > file.size() - entries * Long.BYTES) {
            return false;
        }
        int perTable = 2 * clusterBits - 3; // bits of the bytes that one entry stands for
        long needed = (size >>> perTable) + ((size & ((1L << perTable) - 1)) == 0 ? 0 : 1);
        if (entries < needed) {
            return false;
        }
        ByteBuffer piece = ByteBuffer.allocate(PIECE);
        for (long at = 0; at < entries * Long.BYTES; at += PIECE) {
            piece.clear().limit((int) Math.min(PIECE, entries * Long.BYTES - at));
            if (!read(file, table + at, piece)) {
                return false;
            }
            for (piece.flip(); piece.hasRemaining(); ) {
                if (piece.getLong() != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Fills the buffer; false when the file ends before. */
    private static boolean read(FileChannel file, long offset, ByteBuffer target)
            throws IOException {
        long at = offset;
        while (target.hasRemaining()) {
            int count = file.read(target, at);
            if (count < 0) {
                return false;
            }
            at += count;
        }
        return true;
    }
}
