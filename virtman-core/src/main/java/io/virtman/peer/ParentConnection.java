package io.virtman.peer;

import io.virtman.nbd.NbdClient;
import io.virtman.nbd.NbdError;
import io.virtman.nbd.NbdRefusal;
import io.virtman.nbd.NbdUri;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One parent and the connection to it, made when first needed.
 *
 * <pre>
 *   USABLE --failure--> PAUSED(until) --time--> USABLE       any --wrong bytes--> BANNED       any --close--> CLOSED
 * </pre>
 *
 * Safe for many threads; connecting is done by one of them while the others wait for it, and for
 * its failure: within the connect deadline all of them know.
 */
final class ParentConnection {
    private sealed interface State {
        record Usable() implements State {}

        record Paused(long until, String reason) implements State {}

        record Banned(String reason) implements State {}

        record Closed() implements State {}
    }

    private final Parent parent;
    private final PeerTimeouts timeouts;
    private final ReentrantLock connecting = new ReentrantLock();
    private final ReentrantLock lock = new ReentrantLock();
    private State state = new State.Usable();
    private volatile int failures; // read without the lock on the hot path
    private @Nullable NbdClient client;
    private final List<NbdClient> leaving = new ArrayList<>(); // being closed
    private long bytesInBefore; // of those closed

    ParentConnection(Parent parent, PeerTimeouts timeouts) {
        this.parent = parent;
        this.timeouts = timeouts;
    }

    Parent parent() {
        return parent;
    }

    boolean usable() {
        return nanosUntilUsable() <= 0;
    }

    boolean banned() {
        lock.lock();
        try {
            return state instanceof State.Banned;
        } finally {
            lock.unlock();
        }
    }

    /** 0 when it may be asked now, {@link Long#MAX_VALUE} when it never will be. */
    long nanosUntilUsable() {
        lock.lock();
        try {
            return switch (state) {
                case State.Usable _ -> 0;
                case State.Paused paused -> Math.max(0, paused.until - System.nanoTime());
                case State.Banned _, State.Closed _ -> Long.MAX_VALUE;
            };
        } finally {
            lock.unlock();
        }
    }

    /** For people. */
    String state() {
        lock.lock();
        try {
            return switch (state) {
                case State.Usable _ -> "works";
                case State.Paused paused -> "is away (" + paused.reason + ")";
                case State.Banned banned -> "is dropped (it " + banned.reason + ")";
                case State.Closed _ -> "is no parent any more";
            };
        } finally {
            lock.unlock();
        }
    }

    /** Its export is shorter than the content it claims to have. */
    static final class ShortExport extends IOException {
        private static final long serialVersionUID = 1L;

        private final String what;

        ShortExport(String what) {
            super(what);
            this.what = what;
        }

        String what() {
            return what;
        }
    }

    /**
     * Reads from this parent.
     *
     * @throws ShortExport when the range lies beyond the parent's export
     * @throws InterruptedIOException (itself) when the calling thread is interrupted, for which the
     *     parent is not charged
     * @throws IOException when it can't; the parent is paused then, or was so before, or was closed
     *     or banned meanwhile
     */
    void read(long offset, ByteBuffer target, Duration deadline) throws IOException {
        NbdClient connected = connected();
        if (offset + target.remaining() > connected.size()) {
            throw new ShortExport(
                    "has an export of only "
                            + connected.size()
                            + " bytes, read at offset "
                            + offset);
        }
        try {
            connected.read(offset, target, deadline);
            recovered();
        } catch (NbdError e) {
            recovered(); // it lives, and can't give these bytes
            throw e;
        } catch (IOException e) {
            throwIfInterrupted();
            failed(connected, reason(e));
            throw e;
        }
    }

    private static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static void throwIfInterrupted() throws InterruptedIOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted while asking a parent");
        }
    }

    private NbdClient connected() throws IOException {
        NbdClient present = open();
        if (present != null) {
            return present;
        }
        try {
            connecting.lockInterruptibly();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while connecting to a parent");
        }
        try {
            present = open(); // whoever waited takes the first one's connection, or its failure
            return present != null ? present : adopt(connect());
        } finally {
            connecting.unlock();
        }
    }

    private @Nullable NbdClient open() throws IOException {
        lock.lock();
        try {
            if (nanosUntilUsable() > 0) {
                throw new IOException(state());
            }
            return client != null && client.isOpen() ? client : null;
        } finally {
            lock.unlock();
        }
    }

    private NbdClient connect() throws IOException {
        IOException failure = new IOException("it has no export");
        for (NbdUri uri : parent.uris()) {
            try {
                return NbdClient.connect(uri, timeouts.connect());
            } catch (NbdRefusal e) {
                failure = e;
            } catch (IOException e) {
                failure = e;
                break;
            }
        }
        throwIfInterrupted();
        NbdClient dead;
        lock.lock();
        try {
            dead = detach(); // it may have ended while nobody read from it
            pause(reason(failure));
        } finally {
            lock.unlock();
        }
        end(dead);
        throw failure;
    }

    private NbdClient adopt(NbdClient fresh) throws IOException {
        NbdClient unwanted = fresh;
        lock.lock();
        try {
            if (state instanceof State.Closed || state instanceof State.Banned) {
                throw new IOException(state());
            }
            unwanted = detach();
            client = fresh;
            return fresh;
        } finally {
            lock.unlock();
            end(unwanted);
        }
    }

    private void recovered() {
        if (failures != 0) {
            lock.lock();
            try {
                failures = 0;
                if (state instanceof State.Paused) {
                    state = new State.Usable();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** Many reads fail at once when a connection breaks: only the first one on it counts. */
    private void failed(NbdClient broken, String reason) {
        lock.lock();
        try {
            if (client != broken) {
                return;
            }
            detach();
            pause(reason);
        } finally {
            lock.unlock();
        }
        end(broken);
    }

    private void pause(String reason) {
        if (state instanceof State.Banned || state instanceof State.Closed) {
            return;
        }
        int doublings = Math.min(failures, 16);
        failures = doublings + 1;
        long pause =
                Math.min(
                        timeouts.firstRetry().toNanos() << doublings,
                        timeouts.longestRetry().toNanos());
        state = new State.Paused(System.nanoTime() + pause, reason);
    }

    /** Never asks it again. */
    void ban(String reason) {
        finish(new State.Banned(reason));
    }

    void close() {
        finish(new State.Closed());
    }

    private void finish(State last) {
        NbdClient unwanted;
        lock.lock();
        try {
            if (state instanceof State.Closed) {
                return;
            }
            unwanted = detach();
            state = last;
        } finally {
            lock.unlock();
        }
        end(unwanted);
    }

    long bytesIn() {
        lock.lock();
        try {
            return bytesInBefore
                    + (client == null ? 0 : client.bytesIn())
                    + leaving.stream().mapToLong(NbdClient::bytesIn).sum();
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock: whoever calls it passes the result to {@link #end} without the lock. */
    private @Nullable NbdClient detach() {
        NbdClient former = client;
        client = null;
        if (former != null) {
            leaving.add(former);
        }
        return former;
    }

    /** Not under the lock: a connection may take seconds to end when its other end hangs. */
    private void end(@Nullable NbdClient unwanted) {
        if (unwanted == null) {
            return;
        }
        unwanted.close();
        lock.lock();
        try {
            if (leaving.remove(unwanted)) {
                bytesInBefore += unwanted.bytesIn();
            }
        } finally {
            lock.unlock();
        }
    }
}
