package io.virtman.testing;

import io.virtman.block.BlockSource;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A source whose reads go wrong as the test says; sizes and extents are those beneath. */
public final class FaultyBlockSource implements BlockSource {
    /** What happens to a read, before or after the source beneath is asked. */
    @FunctionalInterface
    public interface Fault {
        void read(BlockSource beneath, long offset, ByteBuffer target) throws IOException;
    }

    private final BlockSource beneath;
    private final long size;
    private volatile Fault fault = BlockSource::read;

    public FaultyBlockSource(BlockSource beneath) {
        this(beneath, beneath.size());
    }

    /**
     * @param size what it claims to be
     */
    public FaultyBlockSource(BlockSource beneath, long size) {
        this.beneath = beneath;
        this.size = size;
    }

    /** Sets what happens from now on. */
    public FaultyBlockSource with(Fault next) {
        fault = next;
        return this;
    }

    /** Inverts one bit of the byte at {@code position} whenever it is read. */
    public FaultyBlockSource flipping(long position) {
        return with((source, offset, target) -> {
            int start = target.position();
            source.read(offset, target);
            if (position >= offset && position - offset < target.limit() - start) {
                int at = start + (int) (position - offset);
                target.put(at, (byte) (target.get(at) ^ 1));
            }
        });
    }

    /** Fails all reads. */
    public FaultyBlockSource failing(String message) {
        return with((_, _, _) -> {
            throw new IOException(message);
        });
    }

    /** Works again. */
    public FaultyBlockSource mended() {
        return with(BlockSource::read);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public boolean readNow(long offset, ByteBuffer target) {
        return false; // so that a read that waits holds up nobody else
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        fault.read(beneath, offset, target);
    }
}
