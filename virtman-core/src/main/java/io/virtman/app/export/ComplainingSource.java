package io.virtman.app.export;

import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/** Says once, in the log, that a file can't be read any more, and what to do. Owns the source. */
final class ComplainingSource implements BlockSource {
    private static final Logger LOGGER = System.getLogger(ComplainingSource.class.getName());

    private final BlockSource source;
    private final AtomicBoolean said = new AtomicBoolean();

    ComplainingSource(BlockSource source) {
        this.source = source;
    }

    @Override
    public long size() {
        return source.size();
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        try {
            source.read(offset, target);
        } catch (IOException e) {
            complain(e);
            throw e;
        }
    }

    @Override
    public Extent extent(long offset, long length) throws IOException {
        try {
            return source.extent(offset, length);
        } catch (IOException e) {
            complain(e);
            throw e;
        }
    }

    private void complain(IOException failure) {
        if (!said.getAndSet(true)) {
            LOGGER.log(
                    Level.ERROR,
                    "{0}: its readers get I/O errors; stop what writes to it, then start the export again",
                    failure.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
