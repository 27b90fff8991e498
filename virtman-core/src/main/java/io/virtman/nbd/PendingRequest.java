package io.virtman.nbd;

import io.virtman.block.BlockRange;
import io.virtman.block.Extent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One request of the client, shared by its caller and the threads of the connection.
 *
 * <pre>
 * QUEUED -> SENT -> DONE      the whole answer arrived
 *    |        |---> FAILED    the server or the connection failed it
 *    '--------'---> ABANDONED the caller gave up; late bytes are thrown away
 * </pre>
 *
 * The caller's buffer is written only under the lock and only in SENT, and never while waiting for
 * the network; so after {@link #await} returned or threw nobody touches it.
 */
final class PendingRequest {
    private enum State {
        QUEUED,
        SENT,
        DONE,
        FAILED,
        ABANDONED
    }

    final int type;
    final int flags;
    final long cookie;
    final long offset;
    final long length;

    private final @Nullable ByteBuffer target;
    private final Coverage coverage; // reader thread only
    private @Nullable IOException error; // first error chunk; reader thread only
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private State state = State.QUEUED;
    private @Nullable IOException failure;
    private @Nullable Extent extent;

    private PendingRequest(
            int type,
            int flags,
            long cookie,
            long offset,
            long length,
            @Nullable ByteBuffer target) {
        this.type = type;
        this.flags = flags;
        this.cookie = cookie;
        this.offset = offset;
        this.length = length;
        this.target = target;
        this.coverage = new Coverage(length);
    }

    /** A read that fills {@code target}, whose position stays where it is. */
    static PendingRequest read(long cookie, long offset, ByteBuffer target) {
        ByteBuffer own = target.slice();
        return new PendingRequest(NbdProtocol.CMD_READ, 0, cookie, offset, own.remaining(), own);
    }

    /** A question for the one extent that begins at {@code offset}. */
    static PendingRequest status(long cookie, long offset, long length) {
        return new PendingRequest(
                NbdProtocol.CMD_BLOCK_STATUS,
                NbdProtocol.CMD_FLAG_REQ_ONE,
                cookie,
                offset,
                length,
                null);
    }

    boolean isRead() {
        return target != null;
    }

    /** Sender: whether it is still wanted; it counts as sent then. */
    boolean trySend() {
        lock.lock();
        try {
            if (state != State.QUEUED) {
                return false;
            }
            state = State.SENT;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Reader: announces content of the range; {@link #put} or {@link #zero} follow. */
    void claim(long from, long count) throws ProtocolException {
        coverage.claim(from - offset, count);
    }

    /** Reader: delivers claimed bytes, unless the caller is gone. */
    void put(long at, ByteBuffer bytes) {
        lock.lock();
        try {
            ByteBuffer buffer = target;
            if (state == State.SENT && buffer != null) {
                buffer.put((int) (at - offset), bytes, bytes.position(), bytes.remaining());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Reader: delivers claimed zeroes, unless the caller is gone. */
    void zero(long at, int count) {
        lock.lock();
        try {
            ByteBuffer buffer = target;
            if (state == State.SENT && buffer != null) {
                BlockRange.fillZero(buffer.slice((int) (at - offset), count));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Reader: the server's answer to a status request. */
    void extent(Extent answer) throws ProtocolException {
        lock.lock();
        try {
            if (extent != null) {
                throw new ProtocolException("block status was answered twice");
            }
            extent = answer;
        } finally {
            lock.unlock();
        }
    }

    /** Reader: the server reports an error; the first one counts. */
    void error(IOException reported) {
        if (error == null) {
            error = reported;
        }
    }

    /**
     * Reader: the server says that the reply is complete.
     *
     * @throws ProtocolException when it is not; nothing has been completed then
     */
    void complete() throws ProtocolException {
        IOException reported = error;
        if (reported != null) {
            fail(reported);
            return;
        }
        lock.lock();
        try {
            if (target == null ? extent == null : !coverage.isComplete()) {
                throw new ProtocolException("a reply ended without all of its content");
            }
            end(State.DONE);
        } finally {
            lock.unlock();
        }
    }

    void fail(IOException cause) {
        lock.lock();
        try {
            if (state == State.QUEUED || state == State.SENT) {
                failure = cause;
                end(State.FAILED);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Caller: waits for the end.
     *
     * @param deadline as {@link System#nanoTime} counts
     * @throws SocketTimeoutException when the deadline passed
     */
    void await(long deadline) throws IOException {
        lock.lock();
        try {
            while (state == State.QUEUED || state == State.SENT) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new SocketTimeoutException(this + " was not answered in time");
                }
                ended.awaitNanos(left);
            }
            IOException cause = failure;
            if (cause != null) {
                String message = this + ": " + cause.getMessage();
                throw cause instanceof NbdError
                        ? new NbdError(message)
                        : new IOException(message, cause);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for " + this);
        } finally {
            abandonLocked();
            lock.unlock();
        }
    }

    /** Caller: is not interested any more. */
    void abandon() {
        lock.lock();
        try {
            abandonLocked();
        } finally {
            lock.unlock();
        }
    }

    /** Caller: the answer to a status request that has ended well. */
    Extent extent() {
        lock.lock();
        try {
            Extent answer = extent;
            if (answer == null) {
                throw new IllegalStateException("not answered");
            }
            return answer;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return (isRead() ? "read of " : "block status of ") + length + " bytes at " + offset;
    }

    private void abandonLocked() {
        if (state == State.QUEUED || state == State.SENT) {
            end(State.ABANDONED);
        }
    }

    private void end(State last) {
        if (state == State.QUEUED || state == State.SENT) {
            state = last;
        }
        ended.signalAll();
    }
}
