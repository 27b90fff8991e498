package io.virtman.volt;

import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator. The catalogue is durable; nodes' addresses too, as a convenience; membership is
 * soft state that members' reports rebuild after a restart, see {@link ImageHierarchy}.
 *
 * <p>Whoever wires it calls {@link #tick} once per heartbeat interval and {@link #saveNodes} now
 * and then, on different threads, since only the latter waits for the database. Joins and
 * heartbeats wait for nothing: a lock per image, no I/O.
 */
public final class Volt implements VoltApi, AutoCloseable {
    /** A node or member silent for this many heartbeat intervals is dead. */
    public static final int INTERVALS_TO_DEATH = 3;

    private static final System.Logger LOG = System.getLogger(Volt.class.getName());

    private final CatalogueStore store;
    private final TimeSource clock;
    private final HierarchyPlanner planner;
    private final Duration interval;
    private final long timeout;
    private final long started;
    private final long term;
    private final Catalogue catalogue;
    private final NodeRegistry nodes;
    private final PushQueue pushes;
    private final Map<String, ImageHierarchy> hierarchies = new ConcurrentHashMap<>();
    private final AtomicLong joins = new AtomicLong();

    /**
     * Begins a new term.
     *
     * @param store stays the caller's to close
     * @param push called on threads of this object, many at once
     * @param fanOut most children of a member, 1 to 64
     * @param interval how often nodes should report
     * @throws ProblemException INVALID for the fan-out; UNAVAILABLE when the store is
     */
    public Volt(
            CatalogueStore store,
            ParentListPush push,
            TimeSource clock,
            int fanOut,
            Duration interval) {
        this(store, push, clock, fanOut, interval, PushQueue.threads());
    }

    Volt(
            CatalogueStore store,
            ParentListPush push,
            TimeSource clock,
            int fanOut,
            Duration interval,
            Executor pushThreads) {
        this.store = store;
        this.clock = clock;
        this.planner = new HierarchyPlanner(fanOut);
        this.interval = interval;
        this.timeout = interval.multipliedBy(INTERVALS_TO_DEATH).toNanos();
        this.pushes = new PushQueue(push, pushThreads);
        this.term = store.nextTerm();
        this.catalogue = new Catalogue(store, clock);
        this.nodes = new NodeRegistry(timeout, store.nodes());
        this.started = clock.nanos();
    }

    @Override
    public ImageRecord add(String name, String origin, String format) {
        return catalogue.add(name, origin, format);
    }

    @Override
    public ImageRecord describe(String image, long size) {
        return catalogue.describe(image, size);
    }

    @Override
    public ImageRecord seal(String image, String digest, long size) {
        return catalogue.seal(image, digest, size);
    }

    @Override
    public ImageRecord fail(String image, String reason) {
        return catalogue.fail(image, reason);
    }

    @Override
    public void remove(String image) {
        ImageRecord found = catalogue.find(image);
        if (found.size() > 0 && term > 1 && clock.nanos() - started < timeout) {
            throw new ProblemException(
                    Kind.UNAVAILABLE,
                    "image",
                    "Volt has just started and does not know yet who is attached to it",
                    "try again in " + Duration.ofNanos(timeout).toSeconds() + " s");
        }
        ImageHierarchy hierarchy = hierarchyOf(found);
        List<String> live = hierarchy.close(clock.nanos());
        if (!live.isEmpty()) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "image",
                    "'" + found.name() + "' is attached on " + some(live),
                    "destroy its VMs there first");
        }
        try {
            catalogue.remove(found);
            hierarchies.remove(found.id(), hierarchy);
        } catch (ProblemException e) {
            hierarchy.reopen();
            throw e;
        }
    }

    @Override
    public ImageRecord image(String image) {
        return catalogue.find(image);
    }

    @Override
    public List<ImageRecord> images() {
        return catalogue.list();
    }

    @Override
    public Hierarchy hierarchy(String image) {
        ImageRecord found = catalogue.find(image);
        ImageHierarchy hierarchy = hierarchies.get(found.id());
        return new Hierarchy(
                found,
                planner.fanOut(),
                hierarchy == null ? List.of() : hierarchy.picture(clock.nanos()));
    }

    @Override
    public ParentList join(String image, NodeAddress node) {
        ImageRecord found = catalogue.find(image);
        requireJoinable(found);
        long now = clock.nanos();
        heard(node, nodes.heard(node, now));
        joins.incrementAndGet();
        ImageHierarchy hierarchy = hierarchyOf(found);
        if (found.origin().equals(node.name())) {
            return hierarchy.originList();
        }
        if (!hierarchy.hasOrigin()) {
            throw new ProblemException(
                    Kind.UNAVAILABLE,
                    "origin",
                    "node '" + found.origin() + "' has not reported to Volt yet",
                    "start the node service there");
        }
        List<Push> changes = hierarchy.join(node, now);
        if (catalogue.byId(found.id()) == null) {
            hierarchies.remove(found.id(), hierarchy); // removed while this node joined
            catalogue.find(found.id());
        }
        changes.subList(1, changes.size()).forEach(pushes::offer);
        return changes.getFirst().list();
    }

    @Override
    public void leave(String image, String node) {
        ImageRecord found = catalogue.find(image);
        Names.require("node", node);
        ImageHierarchy hierarchy = hierarchies.get(found.id());
        if (hierarchy != null) {
            hierarchy.leave(node, clock.nanos()).forEach(pushes::offer);
        }
    }

    @Override
    public HeartbeatAnswer heartbeat(Heartbeat report) {
        long now = clock.nanos();
        heard(report.node(), nodes.report(report, now));
        boolean rebuild = now - started <= timeout;
        List<ParentList> lists = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        List<ImageRecord> ended = new ArrayList<>();
        for (AttachmentReport attachment : report.attachments()) {
            ImageRecord image = catalogue.byId(attachment.image());
            if (image == null) {
                unknown.add(attachment.image());
            } else if (image.origin().equals(report.node().name())) {
                ParentList list = hierarchyOf(image).originList();
                if (list.epoch() != attachment.epoch()) {
                    lists.add(list);
                }
            } else if (image.size() > 0) { // members of a failed one stay until they leave
                if (attachment.unsealed() && image.state() != ImageState.IMPORTING) {
                    ended.add(image);
                }
                for (Push push :
                        hierarchyOf(image).report(report.node(), attachment, now, rebuild)) {
                    if (push.to().name().equals(report.node().name())) {
                        lists.add(push.list());
                    } else {
                        pushes.offer(push);
                    }
                }
            }
        }
        return new HeartbeatAnswer(term, lists, unknown, ended);
    }

    @Override
    public List<NodeStatus> nodes() {
        Map<String, List<String>> imagesByNode = new HashMap<>();
        long now = clock.nanos();
        hierarchies.forEach((image, hierarchy) -> {
            for (HierarchyMember member : hierarchy.picture(now)) {
                imagesByNode.computeIfAbsent(member.node(), _ -> new ArrayList<>()).add(image);
            }
        });
        return nodes.statuses(now, imagesByNode);
    }

    @Override
    public void forget(String node) {
        Names.require("node", node);
        nodes.requireDead(node, clock.nanos());
        List<String> origins =
                catalogue.list().stream()
                        .filter(image -> image.origin().equals(node))
                        .map(ImageRecord::name)
                        .toList();
        if (!origins.isEmpty()) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "node",
                    "'" + node + "' is the origin of " + some(origins),
                    "remove these images first");
        }
        store.deleteNode(node);
        hierarchies
                .values()
                .forEach(hierarchy -> hierarchy.leave(node, clock.nanos()).forEach(pushes::offer));
        nodes.forget(node);
    }

    @Override
    public VoltStatus status() {
        int members = hierarchies.values().stream().mapToInt(ImageHierarchy::size).sum();
        long changes = hierarchies.values().stream().mapToLong(ImageHierarchy::parentChanges).sum();
        return new VoltStatus(
                term,
                planner.fanOut(),
                interval.toMillis(),
                catalogue.size(),
                nodes.count(),
                nodes.alive(clock.nanos()),
                members,
                joins.get(),
                changes,
                pushes.lost());
    }

    /** Removes members that fell silent and ends the rebuilding when its time is over. No I/O. */
    public void tick() {
        long now = clock.nanos();
        boolean settle = now - started > timeout;
        for (ImageHierarchy hierarchy : hierarchies.values()) {
            hierarchy.expire(now).forEach(pushes::offer);
            if (settle) {
                hierarchy.settle();
            }
        }
    }

    /**
     * Writes new addresses of nodes to the store, so that origins are known at once after a
     * restart. Failing costs nothing but that; the next call tries again.
     */
    public void saveNodes() {
        List<NodeAddress> unsaved = nodes.unsaved();
        if (unsaved.isEmpty()) {
            return;
        }
        try {
            store.saveNodes(unsaved);
            nodes.saved(unsaved);
        } catch (ProblemException e) {
            LOG.log(Level.WARNING, "addresses of nodes are not saved: {0}", e.getMessage());
        }
    }

    /** Stops pushing; the store stays open. */
    @Override
    public void close() {
        pushes.close();
    }

    private void heard(NodeAddress node, boolean moved) {
        if (moved) {
            for (ImageRecord image : catalogue.list()) {
                ImageHierarchy hierarchy = hierarchies.get(image.id());
                if (hierarchy != null && image.origin().equals(node.name())) {
                    hierarchy.originAt(node).forEach(pushes::offer);
                }
            }
        }
    }

    private ImageHierarchy hierarchyOf(ImageRecord image) {
        ImageHierarchy hierarchy =
                hierarchies.computeIfAbsent(
                        image.id(), id -> new ImageHierarchy(id, planner, term, timeout));
        @Nullable NodeAddress origin = nodes.address(image.origin());
        if (origin != null) {
            hierarchy.originAt(origin).forEach(pushes::offer);
        }
        return hierarchy;
    }

    private static void requireJoinable(ImageRecord image) {
        switch (image.state()) {
            case SEALED -> {}
            case IMPORTING -> {
                if (!image.joinable()) {
                    throw new ProblemException(
                            Kind.UNAVAILABLE,
                            "image",
                            "'" + image.name() + "' is still being imported",
                            "wait until its state is SEALED");
                }
            }
            case FAILED ->
                    throw new ProblemException(
                            Kind.CONFLICT,
                            "image",
                            "the import of '" + image.name() + "' failed: " + image.failure(),
                            "remove it and add it again");
        }
    }

    /** The first names of a list that may be long. */
    private static String some(List<String> names) {
        int shown = Math.min(names.size(), 5);
        String text = String.join(", ", names.subList(0, shown));
        return names.size() > shown ? text + " and " + (names.size() - shown) + " more" : text;
    }
}
