package io.virtman.peer;

import io.virtman.block.Upstream;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
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
    private final Map<String, Long> bytesInBefore =
            new TreeMap<>(); // of connections closed by update()
    private volatile List<ParentConnection> parents = List.of();
    private volatile Duration readDeadline;
    private volatile boolean closed;

    public ParentSet(PeerTimeouts timeouts, ComplaintListener complaints) {
        this.timeouts = timeouts;
        this.complaints = complaints;
        this.readDeadline = timeouts.readAt(1);
    }

    /**
     * Replaces the list. Parents that stay keep their connections and their record; what is under
     * way with one that goes is asked again of the new list.
     *
     * @param level of this node in the hierarchy, 1 and up
     */
    public void update(List<Parent> list, int level) {
        List<ParentConnection> gone;
        lock.lock();
        try {
            List<ParentConnection> before = parents;
            List<ParentConnection> after = new ArrayList<>();
            for (Parent parent : list) {
                after.add(
                        before.stream()
                                .filter(connection -> connection.parent().equals(parent))
                                .findFirst()
                                .orElseGet(() -> new ParentConnection(parent, timeouts)));
            }
            gone = before.stream().filter(one -> !after.contains(one)).toList();
            readDeadline = timeouts.readAt(level);
            parents = List.copyOf(after);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        gone.forEach(this::retire);
    }

    private void retire(ParentConnection connection) {
        connection.close();
        lock.lock();
        try {
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
            for (ParentConnection parent : list) {
                target.position(start);
                String failure = attempt(parent, offset, target, check);
                if (failure == null) {
                    return;
                }
                failures.add(parent.parent().name() + " " + failure);
            }
            if (closed
                    || list.stream().allMatch(ParentConnection::banned)
                    || System.nanoTime() - giveUp >= 0) {
                throw new IOException(
                        "no parent gave "
                                + target.remaining()
                                + " bytes at "
                                + offset
                                + ": "
                                + String.join("; ", failures));
            }
            awaitChange(list);
        }
    }

    /** Null when the bytes are there, else what went wrong. */
    private @Nullable String attempt(
            ParentConnection parent, long offset, ByteBuffer target, Check check) {
        if (!parent.usable()) {
            return parent.state();
        }
        ByteBuffer bytes = target.duplicate();
        try {
            parent.read(offset, bytes, readDeadline);
        } catch (IOException e) {
            LOGGER.log(Level.DEBUG, "parent {0}: {1}", parent.parent().name(), e.getMessage());
            return parent.state();
        }
        bytes.position(target.position());
        if (check.accepts(bytes)) {
            target.position(target.limit());
            return null;
        }
        String what =
                "sent " + bytes.remaining() + " bytes at offset " + offset + " that do not verify";
        if (parent.ban(what)) {
            LOGGER.log(Level.ERROR, "parent {0} {1}; it is dropped", parent.parent().name(), what);
            complaints.corrupt(parent.parent().name(), what);
        }
        return what;
    }

    /** Waits until the list changes or some parent of {@code list} may be asked again. */
    private void awaitChange(List<ParentConnection> list) throws IOException {
        long pause =
                list.stream()
                        .mapToLong(ParentConnection::nanosUntilUsable)
                        .min()
                        .orElse(timeouts.firstRetry().toNanos());
        lock.lock();
        try {
            long left = Math.min(pause, timeouts.longestRetry().toNanos());
            while (parents == list && left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for a parent", e);
        } finally {
            lock.unlock();
        }
    }

    /** Bytes received at the sockets, by parent, since this set was made. */
    public Map<String, Long> bytesInByParent() {
        Map<String, Long> bytes;
        lock.lock();
        try {
            bytes = new TreeMap<>(bytesInBefore);
        } finally {
            lock.unlock();
        }
        for (ParentConnection parent : parents) {
            bytes.merge(parent.parent().name(), parent.bytesIn(), Long::sum);
        }
        return bytes;
    }

    /** The state of each parent in list order, for people. */
    public Map<String, String> states() {
        Map<String, String> states = new LinkedHashMap<>();
        parents.forEach(parent -> states.put(parent.parent().name(), parent.state()));
        return states;
    }

    /** Ends all connections; what is under way fails. */
    @Override
    public void close() {
        closed = true;
        update(List.of(), 1);
    }
}
