package io.virtman.volt;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The members of one image. Thread-safe: each method holds this object's lock for a short time and
 * does no I/O; changed lists are returned, for the caller to send.
 *
 * <pre>
 *   SETTLED --a report from an earlier term, soon after the start--> REBUILDING
 *   REBUILDING --settle--> SETTLED
 * </pre>
 *
 * While REBUILDING, members that reported keep what they have: no list goes to them until everyone
 * had the time to report, since a tree of half the members would move most of them twice.
 */
final class ImageHierarchy {
    /** Epochs begin at the term's number times this, so that they grow over restarts. */
    static final int TERM_SHIFT = 32;

    private final String image;
    private final HierarchyPlanner planner;
    private final long term;
    private final long timeout;
    private final Map<String, Member> byNode = new HashMap<>();

    /** When nodes left, so that a report sent before that does not bring them back. */
    private final Map<String, Long> departures = new HashMap<>();

    private List<Member> members = new ArrayList<>();
    private @Nullable NodeAddress origin;
    private long epoch;
    private long parentChanges;
    private boolean rebuilding;
    private boolean removed;

    /**
     * @param timeout nanoseconds of silence after which a member is dead
     */
    ImageHierarchy(String image, HierarchyPlanner planner, long term, long timeout) {
        this.image = image;
        this.planner = planner;
        this.term = term;
        this.timeout = timeout;
        this.epoch = (term << TERM_SHIFT) + 1;
    }

    /** Learns where the origin is; returns the lists that change by it. */
    synchronized List<Push> originAt(NodeAddress address) {
        if (address.equals(origin)) {
            return List.of();
        }
        origin = address;
        BitSet all = new BitSet();
        all.set(0, members.size());
        return refresh(all);
    }

    synchronized boolean hasOrigin() {
        return origin != null;
    }

    /** What the origin itself is answered. */
    synchronized ParentList originList() {
        return new ParentList(
                image, term, term << TERM_SHIFT, HierarchyPlanner.ORIGIN, 0, List.of());
    }

    /** Adds a node at the end, or finds it; its answer is the first push. */
    synchronized List<Push> join(NodeAddress address, long now) {
        if (removed) {
            throw new ProblemException(
                    Kind.NOT_FOUND, "image", image + " was removed", "list the images");
        }
        departures.remove(address.name());
        Member member = byNode.get(address.name());
        List<Push> pushes = new ArrayList<>();
        if (member == null) {
            member = add(address, now);
            arrange();
        } else {
            pushes.addAll(moved(member, address));
        }
        member.lastReport = now;
        pushes.addFirst(new Push(address, list(member)));
        return pushes;
    }

    /**
     * Takes a member's report.
     *
     * @param rebuild whether reports of an earlier term may still claim their positions
     */
    synchronized List<Push> report(
            NodeAddress address, AttachmentReport report, long now, boolean rebuild) {
        if (removed || origin == null || departures.containsKey(address.name())) {
            return List.of();
        }
        List<Push> pushes = new ArrayList<>();
        Member member = byNode.get(address.name());
        if (member == null) {
            member = add(address, now);
            if (rebuild && report.epoch() >> TERM_SHIFT < term && report.position() >= 0) {
                member.claim = report.position();
                rebuilding = true;
            }
        } else {
            pushes.addAll(moved(member, address));
        }
        member.lastReport = now;
        member.bytesInByParent = report.bytesInByParent();
        member.cachedBytes = report.cachedBytes();
        if (rebuilding) {
            return List.of();
        }
        if (report.epoch() != member.epoch) {
            pushes.addFirst(new Push(address, list(member)));
        }
        return pushes;
    }

    /** Ends the rebuilding; members learn their lists by their next heartbeat. */
    synchronized void settle() {
        if (!rebuilding) {
            return;
        }
        arrange();
        rebuilding = false;
        epoch++;
        for (Member member : members) {
            member.claim = Member.NO_CLAIM;
            member.epoch = epoch;
        }
    }

    synchronized List<Push> leave(String node, long now) {
        Member member = byNode.get(node);
        if (member == null) {
            return List.of();
        }
        departures.put(node, now);
        return remove(Set.of(member));
    }

    /** Removes the silent. */
    synchronized List<Push> expire(long now) {
        departures.values().removeIf(then -> now - then > timeout);
        Set<Member> silent = new HashSet<>();
        for (Member member : members) {
            if (now - member.lastReport > timeout) {
                silent.add(member);
            }
        }
        return silent.isEmpty() ? List.of() : remove(silent);
    }

    /** Ends the hierarchy unless it has live members, whose names are then returned. */
    synchronized List<String> close(long now) {
        List<String> live = new ArrayList<>();
        for (Member member : members) {
            if (now - member.lastReport <= timeout) {
                live.add(member.name());
            }
        }
        removed = live.isEmpty();
        return live;
    }

    /** Undoes {@link #close} when the image could not be removed after all. */
    synchronized void reopen() {
        removed = false;
    }

    synchronized boolean has(String node) {
        return byNode.containsKey(node);
    }

    synchronized int size() {
        return members.size();
    }

    synchronized long parentChanges() {
        return parentChanges;
    }

    synchronized List<HierarchyMember> picture(long now) {
        arrange();
        List<HierarchyMember> picture = new ArrayList<>();
        for (Member member : members) {
            ParentEntry parent = parents(member).getFirst();
            picture.add(
                    new HierarchyMember(
                            member.name(),
                            member.position,
                            planner.level(member.position),
                            parent.node(),
                            member.bytesInByParent,
                            member.cachedBytes,
                            now - member.lastReport <= timeout));
        }
        return picture;
    }

    private Member add(NodeAddress address, long now) {
        Member member = new Member(address, now);
        member.position = members.size();
        member.epoch = ++epoch;
        byNode.put(address.name(), member);
        members.add(member);
        return member;
    }

    /**
     * While rebuilding, gives everyone known so far the place it would have if nobody else came.
     */
    private void arrange() {
        if (rebuilding) {
            TreeMap<Integer, Member> claims = new TreeMap<>();
            List<Member> newcomers = new ArrayList<>();
            for (Member member : members) {
                if (member.claim == Member.NO_CLAIM
                        || claims.putIfAbsent(member.claim, member) != null) {
                    newcomers.add(member);
                }
            }
            place(planner.arrange(claims, newcomers));
        }
    }

    private List<Push> remove(Collection<Member> leavers) {
        TreeMap<Integer, Member> claims = new TreeMap<>();
        for (Member member : members) {
            if (leavers.contains(member)) {
                byNode.remove(member.name());
            } else {
                claims.put(member.position, member);
            }
        }
        if (rebuilding) {
            members = new ArrayList<>(claims.values());
            arrange();
            return List.of();
        }
        List<Member> arranged = planner.arrange(claims, List.of());
        BitSet changed = new BitSet();
        for (int position = 0; position < arranged.size(); position++) {
            changed.set(position, arranged.get(position) != members.get(position));
        }
        place(arranged);
        for (int position = 0; position < arranged.size(); position++) {
            int parent = planner.parent(position);
            if (changed.get(position) || (parent >= 0 && changed.get(parent))) {
                parentChanges++;
            }
        }
        return refresh(changed);
    }

    private void place(List<Member> arranged) {
        members = arranged;
        for (int position = 0; position < members.size(); position++) {
            members.get(position).position = position;
        }
    }

    /**
     * Takes note of a member's address; returns the lists of its descendants if it is a new one.
     */
    private List<Push> moved(Member member, NodeAddress address) {
        if (address.equals(member.address)) {
            return List.of();
        }
        member.address = address;
        BitSet changed = new BitSet();
        changed.set(member.position);
        return refresh(changed);
    }

    /** Makes new lists for the members at and below some positions. */
    private List<Push> refresh(BitSet changed) {
        BitSet stale = planner.stale(changed, members.size());
        if (rebuilding || stale.isEmpty()) {
            return List.of();
        }
        epoch++;
        List<Push> pushes = new ArrayList<>(stale.cardinality());
        stale.stream()
                .mapToObj(members::get)
                .forEach(member -> {
                    member.epoch = epoch;
                    pushes.add(new Push(member.address, list(member)));
                });
        return pushes;
    }

    private ParentList list(Member member) {
        int level = planner.level(member.position);
        return new ParentList(image, term, member.epoch, member.position, level, parents(member));
    }

    private List<ParentEntry> parents(Member member) {
        List<ParentEntry> parents = new ArrayList<>();
        int level = planner.level(member.position);
        for (int position : planner.ancestors(member.position)) {
            NodeAddress address = members.get(position).address;
            parents.add(new ParentEntry(address.name(), address.peer(), --level));
        }
        if (origin == null) {
            throw new IllegalStateException("a member of " + image + " without an origin");
        }
        parents.add(new ParentEntry(origin.name(), origin.peer(), 0));
        return parents;
    }
}
