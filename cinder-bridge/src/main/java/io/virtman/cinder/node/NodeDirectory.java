package io.virtman.cinder.node;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.NodeStatus;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The nodes as Volt last told. Asked again after a second, by one thread at a time; while Volt is
 * away, what it said before goes on to count.
 */
final class NodeDirectory {
    private static final Logger LOGGER = System.getLogger(NodeDirectory.class.getName());
    private static final Duration FRESH = Duration.ofSeconds(1);

    /** One that does not even refuse makes whoever asks wait for its time limit. */
    private static final Duration AWAY = Duration.ofSeconds(10);

    private final Supplier<List<NodeStatus>> volt;
    private List<NodeStatus> known = List.of();
    private boolean asked;
    private boolean away;
    private long since;

    NodeDirectory(Supplier<List<NodeStatus>> volt) {
        this.volt = volt;
    }

    /**
     * All nodes.
     *
     * @throws ProblemException when Volt is away and has never been heard of
     */
    synchronized List<NodeStatus> all() {
        if (!asked || System.nanoTime() - since > (away ? AWAY : FRESH).toNanos()) {
            refresh();
        }
        return known;
    }

    private void refresh() {
        try {
            known = volt.get();
            asked = true;
            away = false;
        } catch (ProblemException e) {
            if (e.kind() != Kind.UNAVAILABLE || !asked) {
                throw e;
            }
            if (!away) {
                LOGGER.log(
                        Level.WARNING, "{0}; nodes are taken for what they were", e.getMessage());
            }
            away = true;
        }
        since = System.nanoTime();
    }

    Optional<NodeStatus> find(String name) {
        return all().stream().filter(node -> node.address().name().equals(name)).findFirst();
    }
}
