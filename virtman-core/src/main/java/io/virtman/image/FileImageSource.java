package io.virtman.image;

import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The bytes of a regular file that knows its holes and notices changes. It stays with the file it
 * opened, whatever becomes of the name. An interrupted reader disturbs no other reader (a plain
 * {@link FileChannel} would be closed for all).
 */
public final class FileImageSource implements BlockSource {
    private final Path path;
    private final NativeFile file;
    private final FileIdentity identity;
    private volatile FileChannel channel;
    private volatile boolean closed;

    private FileImageSource(
            Path path, NativeFile file, FileIdentity identity, FileChannel channel) {
        this.path = path;
        this.file = file;
        this.identity = identity;
        this.channel = channel;
    }

    /**
     * Opens a file for reading.
     *
     * @throws IOException when it is missing, unreadable or no regular file; a FIFO or a device is
     *     refused without opening it
     */
    public static FileImageSource open(Path path) throws IOException {
        requireRegular(path, path);
        NativeFile file = NativeFile.open(path);
        try {
            requireRegular(path, file.link()); // it may have been replaced since
            FileIdentity identity = FileIdentity.of(file.link());
            return new FileImageSource(path, file, identity, openChannel(file));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static void requireRegular(Path path, Path link) throws IOException {
        if (!Files.isRegularFile(link)) {
            throw new IOException(path + " is not a readable regular file");
        }
    }

    private static FileChannel openChannel(NativeFile file) throws IOException {
        return FileChannel.open(file.link(), StandardOpenOption.READ);
    }

    @Override
    public long size() {
        return identity.size();
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        long at = offset;
        while (target.hasRemaining()) {
            int count = readSome(at, target);
            if (count < 0) {
                throw new EOFException(path + " ends at " + at + ", expected " + size() + " bytes");
            }
            at += count;
        }
    }

    private int readSome(long at, ByteBuffer target) throws IOException {
        while (true) {
            FileChannel current = channel;
            try {
                return current.read(target, at);
            } catch (ClosedByInterruptException e) {
                reopen(current);
                var interrupted = new InterruptedIOException("interrupted while reading " + path);
                interrupted.initCause(e);
                throw interrupted;
            } catch (ClosedChannelException e) {
                if (closed) {
                    throw e;
                }
                reopen(current); // another reader was interrupted
            }
        }
    }

    private synchronized void reopen(FileChannel broken) throws IOException {
        if (channel == broken && !closed) {
            channel = openChannel(file);
        }
    }

    @Override
    public Extent extent(long offset, long length) throws IOException {
        long limit = offset + length;
        long data = file.nextData(offset, limit);
        if (data > offset) {
            return new Extent(offset, Math.min(data, limit) - offset, true);
        }
        long hole = file.nextHole(offset, limit);
        // a hole punched between the two calls leaves nothing: then say data, which is always right
        long end = hole > offset ? Math.min(hole, limit) : limit;
        return new Extent(offset, end - offset, false);
    }

    /**
     * Checks that the open file is as it was when opened.
     *
     * @throws IOException naming the file when its size or times have moved
     */
    public void requireUnchanged() throws IOException {
        if (!identity.equals(FileIdentity.of(file.link()))) {
            throw new IOException(path + " changed while it was in use");
        }
    }

    /** The file as it was named when opened. */
    public Path path() {
        return path;
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        try (file) {
            channel.close();
        }
    }
}
