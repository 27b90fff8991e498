package io.virtman.volt;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The nodes Volt heard of. Thread-safe, without I/O. */
final class NodeRegistry {
    /** Reporters remembered for each node complained about. */
    private static final int MOST_COMPLAINTS = 32;

    private static final int LONGEST_COMPLAINT = 200;

    /** What a node said of itself in its last heartbeat. */
    private record Figures(
            long bytesIn, long bytesOut, long layersTotal, long layersFree, long provisioned) {
        static final Figures NONE = new Figures(0, 0, 0, 0, 0);
    }

    /**
     * One node.
     *
     * @param saved whether the store has this address
     * @param heard whether it spoke since Volt started
     * @param when nanoseconds at its last word
     * @param complaints what others said about it, by reporter
     */
    private record Entry(
            NodeAddress address,
            boolean saved,
            boolean heard,
            long when,
            Figures figures,
            Map<String, String> complaints) {}

    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    private final long timeout;

    /**
     * @param timeout nanoseconds of silence after which a node is dead
     * @param known from the store
     */
    NodeRegistry(long timeout, Collection<NodeAddress> known) {
        this.timeout = timeout;
        for (NodeAddress address : known) {
            entries.put(address.name(), new Entry(address, true, false, 0, Figures.NONE, Map.of()));
        }
    }

    /**
     * Takes a sign of life; true when the node is new or at another address than before.
     *
     * @throws ProblemException CONFLICT, changing nothing, when a node of this name is alive at
     *     another address
     */
    boolean heard(NodeAddress address, long now) {
        NodeAddress before = address(address.name());
        entries.compute(
                address.name(),
                (_, old) -> {
                    if (old == null) {
                        return new Entry(address, false, true, now, Figures.NONE, Map.of());
                    }
                    boolean moved = !old.address.equals(address);
                    if (moved && isAlive(old, now)) {
                        throw nameTaken(old.address, address);
                    }
                    return new Entry(
                            address, old.saved && !moved, true, now, old.figures, old.complaints);
                });
        return !address.equals(before);
    }

    /** As {@link #heard}, with what a heartbeat says besides its attachments. */
    boolean report(Heartbeat report, long now) {
        boolean moved = heard(report.node(), now);
        entries.computeIfPresent(
                report.node().name(),
                (_, old) ->
                        new Entry(
                                old.address,
                                old.saved,
                                true,
                                now,
                                new Figures(
                                        report.peerBytesIn(),
                                        report.peerBytesOut(),
                                        report.layerBytesTotal(),
                                        report.layerBytesFree(),
                                        report.layerBytesProvisioned()),
                                old.complaints));
        report.complaints().forEach((about, what) -> complain(report.node().name(), about, what));
        return moved;
    }

    @Nullable NodeAddress address(String node) {
        Entry entry = entries.get(node);
        return entry == null ? null : entry.address;
    }

    int count() {
        return entries.size();
    }

    int alive(long now) {
        return (int) entries.values().stream().filter(entry -> isAlive(entry, now)).count();
    }

    /** All nodes by name. */
    List<NodeStatus> statuses(long now, Map<String, List<String>> imagesByNode) {
        List<NodeStatus> statuses = new ArrayList<>();
        for (Entry entry : new TreeMap<>(entries).values()) {
            List<String> complaints = new ArrayList<>();
            new TreeMap<>(entry.complaints)
                    .forEach((reporter, what) -> complaints.add(reporter + ": " + what));
            statuses.add(
                    new NodeStatus(
                            entry.address,
                            isAlive(entry, now),
                            entry.heard ? (now - entry.when) / 1_000_000 : -1,
                            entry.figures.bytesIn,
                            entry.figures.bytesOut,
                            entry.figures.layersTotal,
                            entry.figures.layersFree,
                            entry.figures.provisioned,
                            imagesByNode.getOrDefault(entry.address.name(), List.of()),
                            complaints));
        }
        return statuses;
    }

    /** Fails unless this node is known and dead. */
    void requireDead(String node, long now) {
        Entry entry = entries.get(node);
        if (entry == null) {
            throw new ProblemException(
                    Kind.NOT_FOUND, "node", "no node is named '" + node + "'", "list the nodes");
        }
        if (isAlive(entry, now)) {
            throw new ProblemException(
                    Kind.CONFLICT, "node", "'" + node + "' is alive", "stop it first");
        }
    }

    void forget(String node) {
        entries.remove(node);
    }

    /** Addresses the store does not have yet. */
    List<NodeAddress> unsaved() {
        return entries.values().stream().filter(entry -> !entry.saved).map(Entry::address).toList();
    }

    void saved(Collection<NodeAddress> addresses) {
        for (NodeAddress address : addresses) {
            entries.computeIfPresent(
                    address.name(),
                    (_, old) ->
                            new Entry(
                                    old.address,
                                    old.address.equals(address),
                                    old.heard,
                                    old.when,
                                    old.figures,
                                    old.complaints));
        }
    }

    private void complain(String reporter, String about, String what) {
        entries.computeIfPresent(
                about,
                (_, old) -> {
                    Map<String, String> complaints = new TreeMap<>(old.complaints);
                    if (complaints.size() < MOST_COMPLAINTS || complaints.containsKey(reporter)) {
                        complaints.put(reporter, Text.printable(what, LONGEST_COMPLAINT));
                    }
                    return new Entry(
                            old.address,
                            old.saved,
                            old.heard,
                            old.when,
                            old.figures,
                            Map.copyOf(complaints));
                });
    }

    private static ProblemException nameTaken(NodeAddress live, NodeAddress other) {
        return new ProblemException(
                Kind.CONFLICT,
                "node.name",
                "a node named '"
                        + live.name()
                        + "' is alive at "
                        + places(live)
                        + "; this one is at "
                        + places(other),
                "give each node a --name of its own; a node that moved is accepted once its old"
                        + " address has been silent for "
                        + Volt.INTERVALS_TO_DEATH
                        + " intervals");
    }

    private static String places(NodeAddress address) {
        return address.rest() + " (peer " + address.peer() + ")";
    }

    private boolean isAlive(Entry entry, long now) {
        return entry.heard && now - entry.when <= timeout;
    }
}
