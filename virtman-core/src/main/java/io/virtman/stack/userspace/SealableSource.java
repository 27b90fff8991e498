package io.virtman.stack.userspace;

import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A source that is replaced, once, by one of the same bytes, or that fails for good. Readers notice
 * nothing of the former: those under way end with the old one, which is closed then. Owns the one
 * in force.
 */
final class SealableSource implements BlockSource {
    private final long size;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);
    private volatile BlockSource source; // written under the lock
    private volatile @Nullable String failure;

    SealableSource(BlockSource source) {
        this.source = source;
        this.size = source.size();
    }

    /**
     * @param sealed of the same size
     */
    void replace(BlockSource sealed) throws IOException {
        if (sealed.size() != size) {
            throw new IOException("the image was sealed with another size than was said before");
        }
        BlockSource before;
        lock.writeLock().lock();
        try {
            before = source;
            source = sealed;
        } finally {
            lock.writeLock().unlock();
        }
        before.close();
    }

    void fail(String reason) {
        failure = reason;
    }

    private void requireSound() throws IOException {
        String reason = failure;
        if (reason != null) {
            throw new IOException("the import of the image failed: " + reason);
        }
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        requireSound();
        lock.readLock().lock();
        try {
            source.read(offset, target);
        } finally {
            lock.readLock().unlock();
        }
        requireSound();
    }

    @Override
    public boolean readNow(long offset, ByteBuffer target) throws IOException {
        requireSound();
        if (!lock.readLock().tryLock()) {
            return false;
        }
        try {
            return source.readNow(offset, target);
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public Extent extent(long offset, long length) throws IOException {
        requireSound();
        lock.readLock().lock();
        try {
            return source.extent(offset, length);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Does not wait for readers: they fail. */
    @Override
    public void close() throws IOException {
        source.close();
    }
}
