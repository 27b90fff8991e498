package io.virtman.image;

import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A file that fails every read once it has changed since it was opened, so that nothing torn is
 * delivered from a source somebody writes to. For files served in place, without a sealed copy.
 * Costs two stat(2) calls a read. Owns what it decorates.
 */
public final class PinnedFileSource implements BlockSource {
    private final FileImageSource file;

    public PinnedFileSource(FileImageSource file) {
        this.file = file;
    }

    @Override
    public long size() {
        return file.size();
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        file.requireUnchanged();
        file.read(offset, target);
        file.requireUnchanged();
    }

    @Override
    public Extent extent(long offset, long length) throws IOException {
        file.requireUnchanged();
        Extent extent = file.extent(offset, length);
        file.requireUnchanged();
        return extent;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
