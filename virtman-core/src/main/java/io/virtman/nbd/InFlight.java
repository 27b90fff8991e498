package io.virtman.nbd;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Requests of one connection that wait for other hosts: bounds their bytes, and runs an action once
 * the connection has ended and the last of them too.
 */
final class InFlight {
    /** What a request costs at least, so that small ones are bounded in number. */
    private static final int SMALLEST_COST = 16 * 1024;

    private final int limit;
    private final Runnable whenAllEnded;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long used;
    private boolean closed;

    InFlight(int limit, Runnable whenAllEnded) {
        this.limit = limit;
        this.whenAllEnded = whenAllEnded;
    }

    /** What a request of that many bytes is charged. */
    static int cost(int bytes) {
        return Math.max(SMALLEST_COST, bytes);
    }

    /** Charges {@code cost} if the limit allows it now. One request is always allowed. */
    boolean tryBegin(int cost) {
        lock.lock();
        try {
            if (used > 0 && used + cost > limit) {
                return false;
            }
            used += cost;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Like {@link #tryBegin}, waiting until the limit allows it. */
    void begin(int cost) {
        lock.lock();
        try {
            while (used > 0 && used + cost > limit) {
                changed.awaitUninterruptibly();
            }
            used += cost;
        } finally {
            lock.unlock();
        }
    }

    void end(int cost) {
        boolean last;
        lock.lock();
        try {
            used -= cost;
            last = closed && used == 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (last) {
            whenAllEnded.run();
        }
    }

    /** Waits until nothing is in flight, at most that long. */
    void awaitIdle(Duration most) throws InterruptedException {
        long left = most.toNanos();
        lock.lock();
        try {
            while (used > 0 && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The connection has ended: nothing begins any more. */
    void close() {
        boolean last;
        lock.lock();
        try {
            last = !closed && used == 0;
            closed = true;
        } finally {
            lock.unlock();
        }
        if (last) {
            whenAllEnded.run();
        }
    }
}
