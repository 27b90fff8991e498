package io.virtman.peer;

import io.virtman.nbd.NbdClient;
import io.virtman.nbd.NbdRefusal;
import io.virtman.nbd.NbdUri;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One parent and the connection to it, made when first needed.
 *
 * <pre>
 *   USABLE --failure--> PAUSED(until) --time--> USABLE       any --wrong bytes--> BANNED       any --close--> CLOSED
 * </pre>
 *
 * Safe for many threads; connecting is done by one of them while the others wait for it, within the
 * connect deadline.
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
    private long bytesInBefore; // of clients that are gone

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

    /**
     * Reads from this parent.
     *
     * @throws IOException when it can't; the parent is paused then, or was closed or banned
     *     meanwhile
     */
    void read(long offset, ByteBuffer target, Duration deadline) throws IOException {
        NbdClient connected = null;
        try {
            connected = connected();
            if (offset + target.remaining() > connected.size()) {
                throw new IOException("its export ends at " + connected.size());
            }
            connected.read(offset, target, deadline);
            recovered();
        } catch (IOException e) {
            failed(
                    connected,
                    e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
            throw e;
        }
    }

    private NbdClient connected() throws IOException {
        NbdClient present = open();
        if (present != null) {
            return present;
        }
        connecting.lock();
        try {
            present = open();
            return present != null ? present : adopt(connect());
        } finally {
            connecting.unlock();
        }
    }

    private @Nullable NbdClient open() throws IOException {
        lock.lock();
        try {
            if (state instanceof State.Closed || state instanceof State.Banned) {
                throw new IOException(state());
            }
            return client != null && client.isOpen() ? client : null;
        } finally {
            lock.unlock();
        }
    }

    private NbdClient connect() throws IOException {
        IOException refused = new IOException("it has no export");
        for (NbdUri uri : parent.uris()) {
            try {
                return NbdClient.connect(uri, timeouts.connect());
            } catch (NbdRefusal e) {
                refused = e;
            }
        }
        throw refused;
    }

    private NbdClient adopt(NbdClient fresh) throws IOException {
        lock.lock();
        try {
            if (state instanceof State.Closed || state instanceof State.Banned) {
                fresh.close();
                throw new IOException(state());
            }
            drop();
            client = fresh;
            return fresh;
        } finally {
            lock.unlock();
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
    private void failed(@Nullable NbdClient broken, String reason) {
        lock.lock();
        try {
            if (client != broken
                    || state instanceof State.Banned
                    || state instanceof State.Closed) {
                return;
            }
            drop();
            int doublings = Math.min(failures, 16);
            failures = doublings + 1;
            long pause =
                    Math.min(
                            timeouts.firstRetry().toNanos() << doublings,
                            timeouts.longestRetry().toNanos());
            state = new State.Paused(System.nanoTime() + pause, reason);
        } finally {
            lock.unlock();
        }
    }

    /** Never asks it again; false when that was so already. */
    boolean ban(String reason) {
        lock.lock();
        try {
            if (state instanceof State.Banned || state instanceof State.Closed) {
                return false;
            }
            drop();
            state = new State.Banned(reason);
            return true;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            drop();
            state = new State.Closed();
        } finally {
            lock.unlock();
        }
    }

    long bytesIn() {
        lock.lock();
        try {
            return bytesInBefore + (client == null ? 0 : client.bytesIn());
        } finally {
            lock.unlock();
        }
    }

    private void drop() {
        if (client != null) {
            client.close();
            bytesInBefore += client.bytesIn();
            client = null;
        }
    }
}
