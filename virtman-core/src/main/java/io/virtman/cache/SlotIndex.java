package io.virtman.cache;

import io.virtman.block.ImageDigest;
import io.virtman.block.SealedImage;
import io.virtman.image.HashTreeLayout;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What each slot held, for the next start: one fixed record per slot, written after the slot's data
 * and never synced.
 *
 * <p>It is a hint and no more: a slot named here is verified against the image's hash tree before
 * its first use, so a lost, torn, stale or hostile record costs a fetch and never a wrong byte.
 * That is why no order between data and index has to survive a power cut.
 *
 * <pre>
 *   record (64 bytes, big-endian): magic 4 | CRC32C of the rest 4 | digest 32 | image size 8 | chunk 8 | zero 8
 * </pre>
 */
final class SlotIndex implements Closeable {
    static final int RECORD = 64;

    private static final int MAGIC = 0x564d5331; // "VMS1"
    private static final int BATCH = 1024;
    private static final long MAXIMUM_SIZE = HashTreeLayout.MAXIMUM_SIZE;

    private final Medium medium;

    /**
     * @param medium owned from here on
     */
    SlotIndex(Medium medium) {
        this.medium = medium;
    }

    /** Takes what a record says: a slot and the chunk it held. */
    interface Visitor {
        void held(int slot, SealedImage image, long chunk);
    }

    /**
     * Reads the records of slots below {@code slots} in their order, skipping those that are not
     * valid, and gives up those beyond.
     */
    void load(int slots, Visitor visitor) throws IOException {
        ByteBuffer batch = ByteBuffer.allocateDirect(BATCH * RECORD);
        int slot = 0;
        while (slot < slots) {
            batch.clear().limit(Math.min(BATCH, slots - slot) * RECORD);
            medium.read((long) slot * RECORD, batch);
            if (batch.position() < RECORD) {
                return;
            }
            for (int at = 0; at + RECORD <= batch.position(); at += RECORD, slot++) {
                visit(batch.slice(at, RECORD), slot, visitor);
            }
        }
        medium.truncate((long) slots * RECORD);
    }

    private static void visit(ByteBuffer record, int slot, Visitor visitor) {
        if (record.getInt(0) != MAGIC || record.getInt(4) != checksum(record)) {
            return;
        }
        byte[] digest = new byte[ImageDigest.BYTES];
        record.get(8, digest);
        long size = record.getLong(40);
        long chunk = record.getLong(48);
        if (size >= 1 && size <= MAXIMUM_SIZE && chunk >= 0 && chunk < Chunks.count(size)) {
            visitor.held(slot, new SealedImage(ImageDigest.of(digest), size), chunk);
        }
    }

    void record(int slot, SealedImage image, long chunk) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(RECORD);
        record.putInt(0, MAGIC);
        record.put(8, image.digest().bytes());
        record.putLong(40, image.size());
        record.putLong(48, chunk);
        record.putInt(4, checksum(record));
        medium.write((long) slot * RECORD, record);
    }

    private static int checksum(ByteBuffer record) {
        CRC32C crc = new CRC32C();
        crc.update(record.slice(8, RECORD - 8));
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        medium.close();
    }
}
