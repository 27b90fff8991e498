package io.virtman.cache;

import io.virtman.block.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A medium in a file. An interrupt closes a {@link FileChannel} for all its users, so that one
 * impatient reader would end the cache of everyone; here the file is opened again and the
 * interrupted thread finishes its call, its interrupt status kept.
 */
final class FileMedium implements Medium {
    private final Path path;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile FileChannel channel;
    private boolean closed; // guarded by lock

    private FileMedium(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    static FileMedium open(Path path) throws IOException {
        return new FileMedium(
                path,
                PrivateFiles.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE));
    }

    @Override
    public void read(long at, ByteBuffer target) throws IOException {
        long base = at - target.position();
        run(file -> {
            while (target.hasRemaining() && file.read(target, base + target.position()) >= 0) {}
        });
    }

    @Override
    public void write(long at, ByteBuffer bytes) throws IOException {
        long base = at - bytes.position();
        run(file -> {
            while (bytes.hasRemaining()) {
                file.write(bytes, base + bytes.position());
            }
        });
    }

    @Override
    public void truncate(long size) throws IOException {
        run(file -> file.truncate(size));
    }

    @FunctionalInterface
    private interface Work {
        void on(FileChannel file) throws IOException;
    }

    private void run(Work work) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                FileChannel file = channel;
                try {
                    work.on(file);
                    return;
                } catch (ClosedChannelException e) {
                    interrupted |= Thread.interrupted();
                    reopen(file, e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void reopen(FileChannel broken, ClosedChannelException cause) throws IOException {
        lock.lock();
        try {
            if (closed) {
                throw cause;
            }
            if (channel == broken) {
                // never CREATE: an empty file in its place would read as zeroes later on
                channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            closed = true;
            channel.close();
        } finally {
            lock.unlock();
        }
    }
}
