package io.virtman.cinder.node;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.NodeStatus;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The nodes as Volt last told. Asked again after a second, by one thread at a time; while Volt is
 * away, what it said before goes on to count. A Volt that hangs is asked again only after as long
 * as it kept the last one who asked, so that those who ask don't wait for it one after the other.
 * Safe for many threads.
 */
final class NodeDirectory {
    private static final Logger LOGGER = System.getLogger(NodeDirectory.class.getName());
    private static final long FRESH = TimeUnit.SECONDS.toNanos(1);

    /**
     * What an attempt has led to.
     *
     * @param nodes as they were last told
     * @param known whether they ever were
     * @param problem why they weren't told this time
     * @param until when this counts
     */
    private record Told(
            List<NodeStatus> nodes,
            boolean known,
            Optional<ProblemException> problem,
            long until) {}

    private final Supplier<List<NodeStatus>> volt;
    private final LongSupplier nanos;
    private final ReentrantLock asking = new ReentrantLock();
    private volatile Told last;

    NodeDirectory(Supplier<List<NodeStatus>> volt, LongSupplier nanos) {
        this.volt = volt;
        this.nanos = nanos;
        this.last = new Told(List.of(), false, Optional.empty(), nanos.getAsLong());
    }

    /**
     * All nodes.
     *
     * @throws ProblemException when Volt is away and has never been heard of
     */
    List<NodeStatus> all() {
        Told told = isFresh() ? last : refreshed();
        if (!told.known() && told.problem().isPresent()) {
            ProblemException problem = told.problem().get(); // perhaps of another thread
            throw new ProblemException(
                    problem.kind(), problem.field(), problem.detail(), problem.remedy(), problem);
        }
        return told.nodes();
    }

    private boolean isFresh() {
        return last.until() - nanos.getAsLong() > 0;
    }

    /** Whoever knows something need not wait until another thread knows better. */
    private Told refreshed() {
        if (!last.known()) {
            asking.lock();
        } else if (!asking.tryLock()) {
            return last;
        }
        try {
            if (!isFresh()) {
                last = asked(last);
            }
            return last;
        } finally {
            asking.unlock();
        }
    }

    private Told asked(Told former) {
        long start = nanos.getAsLong();
        try {
            List<NodeStatus> nodes = volt.get();
            return new Told(nodes, true, Optional.empty(), nanos.getAsLong() + FRESH);
        } catch (ProblemException e) {
            if (e.kind() != Kind.UNAVAILABLE || Thread.currentThread().isInterrupted()) {
                throw e; // which says nothing of Volt
            }
            if (former.known() && former.problem().isEmpty()) {
                LOGGER.log(
                        Level.WARNING, "{0}; nodes are taken for what they were", e.getMessage());
            }
            long end = nanos.getAsLong();
            return new Told(
                    former.nodes(),
                    former.known(),
                    Optional.of(e),
                    end + Math.max(FRESH, end - start));
        }
    }

    Optional<NodeStatus> find(String name) {
        return all().stream().filter(node -> node.address().name().equals(name)).findFirst();
    }
}
