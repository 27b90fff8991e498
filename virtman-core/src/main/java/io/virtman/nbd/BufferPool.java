package io.virtman.nbd;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Direct buffers for reuse. Bounds what it keeps, not what is taken: takers have budgets of their
 * own. Safe for use by many threads.
 */
final class BufferPool {
    private static final int SMALLEST_SHIFT = 12;
    private static final int CLASSES = 30 - SMALLEST_SHIFT;

    /** Room besides a power of two, so that a 64 KiB read with its header fits the 64 KiB class. */
    private static final int HEADERS = 4096;

    private final long maximumIdleBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<ByteBuffer>[] idle;
    private long idleBytes;

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of generics cannot be made otherwise
    BufferPool(long maximumIdleBytes) {
        this.maximumIdleBytes = maximumIdleBytes;
        this.idle = new ArrayDeque[CLASSES];
        for (int i = 0; i < CLASSES; i++) {
            idle[i] = new ArrayDeque<>();
        }
    }

    /** A cleared buffer of at least {@code bytes}; its content is undefined. */
    ByteBuffer take(int bytes) {
        int index = index(bytes);
        lock.lock();
        try {
            ByteBuffer kept = idle[index].pollLast();
            if (kept != null) {
                idleBytes -= kept.capacity();
                return kept.clear();
            }
        } finally {
            lock.unlock();
        }
        return ByteBuffer.allocateDirect((1 << (index + SMALLEST_SHIFT)) + HEADERS);
    }

    /** Gives a buffer of {@link #take} back; nobody uses it any more. */
    void give(ByteBuffer buffer) {
        lock.lock();
        try {
            if (idleBytes + buffer.capacity() <= maximumIdleBytes) {
                idleBytes += buffer.capacity();
                idle[index(buffer.capacity())].addLast(buffer);
            }
        } finally {
            lock.unlock();
        }
    }

    private static int index(int bytes) {
        int shift = 32 - Integer.numberOfLeadingZeros(Math.max(1, bytes - HEADERS - 1));
        return Math.max(0, shift - SMALLEST_SHIFT);
    }
}
