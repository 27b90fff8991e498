package io.virtman.peer;

import io.virtman.block.UnreachableException;
import io.virtman.block.Upstream;
import io.virtman.nbd.NbdError;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The parents of one image on this node, nearest first. A fetch asks the first one that works and
 * goes on to the next when one is away, late or wrong; the last one is the origin, which waits for
 * nobody. A parent that is away is asked again after a pause that doubles; one that sent wrong
 * bytes is not asked again and is complained about by name. Safe for many threads.
 */
public final class ParentSet implements Upstream, Closeable {
    private static final Logger LOGGER = System.getLogger(ParentSet.class.getName());

    /** Told once about each parent that sent bytes which do not verify. */
    @FunctionalInterface
    public interface ComplaintListener {
        void corrupt(String parent, String what);
    }

    private final PeerTimeouts timeouts;
    private final ComplaintListener complaints;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // guarded by the lock:
    private final Map<String, String> wrongdoers = new HashMap<>(); // by name, whatever their URIs
    private final List<ParentConnection> retired = new ArrayList<>(); // being closed
    private final Map<String, Long> bytesInBefore = new TreeMap<>(); // of those closed
    private volatile List<ParentConnection> parents = List.of();
    private volatile Duration readDeadline;
    private volatile boolean closed;

    public ParentSet(PeerTimeouts timeouts, ComplaintListener complaints) {
        this.timeouts = timeouts;
        this.complaints = complaints;
        this.readDeadline = timeouts.readAt(1);
    }

    /**
     * Replaces the list. Parents that stay keep their connections and their record, one that sent
     * wrong bytes even under another URI; what is under way with one that goes is asked again of
     * the new list. An empty list means that there are none yet. Does nothing once closed.
     *
     * @param level of this node in the hierarchy, 1 and up
     */
    public void update(List<Parent> list, int level) {
        replace(list, level, false);
    }

    /** Ends all connections; what is under way fails. */
    @Override
    public void close() {
        replace(List.of(), 1, true);
    }

    private void replace(List<Parent> list, int level, boolean last) {
        List<ParentConnection> gone;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = last;
            List<ParentConnection> before = parents;
            List<ParentConnection> after = new ArrayList<>();
            for (Parent parent : list) {
                after.add(
                        before.stream()
                                .filter(connection -> connection.parent().equals(parent))
                                .findFirst()
                                .orElseGet(() -> connection(parent)));
            }
            gone = before.stream().filter(one -> !after.contains(one)).toList();
            retired.addAll(gone);
            readDeadline = timeouts.readAt(level);
            parents = List.copyOf(after);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        gone.forEach(this::retire);
    }

    private ParentConnection connection(Parent parent) {
        ParentConnection connection = new ParentConnection(parent, timeouts);
        String wrong = wrongdoers.get(parent.name());
        if (wrong != null) {
            connection.ban(wrong);
        }
        return connection;
    }

    private void retire(ParentConnection connection) {
        connection.close();
        lock.lock();
        try {
            retired.remove(connection);
            bytesInBefore.merge(connection.parent().name(), connection.bytesIn(), Long::sum);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void fetch(long offset, ByteBuffer target, Check check) throws IOException {
        long giveUp = System.nanoTime() + timeouts.patience().toNanos();
        int start = target.position();
        while (true) {
            List<ParentConnection> list = parents;
            List<String> failures = new ArrayList<>();
            boolean denied = false; // by the last one, the origin: nobody else has what it lacks
            for (ParentConnection parent : list) {
                target.position(start);
                Failure failure = attempt(parent, offset, target, check);
                if (failure == null) {
                    return;
                }
                failures.add(parent.parent().name() + " " + failure.what());
                denied = failure.denied();
            }
            boolean late = System.nanoTime() - giveUp >= 0;
            if (closed || denied || isHopeless(list) || late) {
                String what =
                        "no parent gave "
                                + target.remaining()
                                + " bytes at "
                                + offset
                                + ": "
                                + (failures.isEmpty()
                                        ? "there is none"
                                        : String.join("; ", failures));
                throw closed || denied || isHopeless(list)
                        ? new IOException(what)
                        : new UnreachableException(what);
            }
            awaitChange(list, giveUp);
        }
    }

    /** When nothing but another list can help, and there is none. */
    private boolean isHopeless(List<ParentConnection> list) {
        return !list.isEmpty()
                && list.stream().allMatch(ParentConnection::banned)
                && list == parents;
    }

    /**
     * @param denied whether the parent lives and answered that it can't give the bytes
     */
    private record Failure(String what, boolean denied) {}

    /** Null when the bytes are there, else what went wrong. */
    private @Nullable Failure attempt(
            ParentConnection parent, long offset, ByteBuffer target, Check check)
            throws InterruptedIOException {
        if (!parent.usable()) {
            return new Failure(parent.state(), false);
        }
        ByteBuffer bytes = target.duplicate();
        try {
            parent.read(offset, bytes, readDeadline);
        } catch (ParentConnection.ShortExport e) {
            return charge(parent, e.what());
        } catch (NbdError e) {
            return new Failure(String.valueOf(e.getMessage()), true);
        } catch (IOException e) {
            if (e.getClass() == InterruptedIOException.class) {
                throw (InterruptedIOException) e;
            }
            LOGGER.log(Level.DEBUG, "parent {0}: {1}", parent.parent().name(), e.getMessage());
            return new Failure(parent.state(), false);
        }
        bytes.position(target.position());
        if (check.accepts(bytes)) {
            target.position(target.limit());
            return null;
        }
        return charge(
                parent,
                "sent " + bytes.remaining() + " bytes at offset " + offset + " that do not verify");
    }

    /** Drops a parent for good, under whatever URI, and complains once. */
    private Failure charge(ParentConnection parent, String what) {
        String name = parent.parent().name();
        boolean first;
        List<ParentConnection> list;
        lock.lock();
        try {
            first = wrongdoers.putIfAbsent(name, what) == null;
            list = parents;
        } finally {
            lock.unlock();
        }
        parent.ban(what);
        list.stream().filter(one -> one.parent().name().equals(name)).forEach(one -> one.ban(what));
        if (first) {
            LOGGER.log(Level.ERROR, "parent {0} {1}; it is dropped", name, what);
            complaints.corrupt(name, what);
        }
        return new Failure(what, false);
    }

    /** Waits until the list changes or some parent of {@code list} may be asked again. */
    private void awaitChange(List<ParentConnection> list, long giveUp)
            throws InterruptedIOException {
        long pause =
                list.stream()
                        .mapToLong(ParentConnection::nanosUntilUsable)
                        .min()
                        .orElse(Long.MAX_VALUE);
        lock.lock();
        try {
            long left = Math.min(pause, giveUp - System.nanoTime());
            while (parents == list && left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for a parent");
        } finally {
            lock.unlock();
        }
    }

    /** Bytes received at the sockets, by parent, since this set was made. */
    public Map<String, Long> bytesInByParent() {
        lock.lock();
        try {
            Map<String, Long> bytes = new TreeMap<>(bytesInBefore);
            for (List<ParentConnection> list : List.of(parents, retired)) {
                for (ParentConnection one : list) {
                    bytes.merge(one.parent().name(), one.bytesIn(), Long::sum);
                }
            }
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /** The state of each parent in list order, for people. */
    public Map<String, String> states() {
        Map<String, String> states = new LinkedHashMap<>();
        parents.forEach(parent -> states.put(parent.parent().name(), parent.state()));
        return states;
    }
}
