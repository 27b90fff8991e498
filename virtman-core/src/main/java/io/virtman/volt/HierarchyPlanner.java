package io.virtman.volt;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who is whose parent: a k-ary tree in heap order under the origin. Pure; positions are enough to
 * know the tree.
 *
 * <p>Positions count from 0 without gaps. Those below the fan-out are children of the origin; the
 * children of p are {@code k(p+1) .. k(p+1)+k-1}. A tree without gaps is balanced, so that its
 * depth is at most {@code ceil(log_k n) + 1}; filling a gap with the last member moves one member.
 *
 * @param fanOut most children of a node, 1 to 64; 1 is a chain, 2 the binary tree of the paper
 */
public record HierarchyPlanner(int fanOut) {
    /** In place of a position: the origin. */
    public static final int ORIGIN = -1;

    /** Most ancestors listed before the origin; only a chain ever has more. */
    public static final int LONGEST_LIST = 31;

    private static final int LARGEST_FAN_OUT = 64;

    /**
     * Checks the fan-out.
     *
     * @throws ProblemException INVALID when it is out of range
     */
    public HierarchyPlanner {
        if (fanOut < 1 || fanOut > LARGEST_FAN_OUT) {
            throw new ProblemException(
                    Kind.INVALID, "fan_out", fanOut + " is out of range", "use 1 to 64");
        }
    }

    /** Position of the parent, or {@link #ORIGIN}. */
    public int parent(int position) {
        return position < fanOut ? ORIGIN : position / fanOut - 1;
    }

    /** Distance from the origin, 1 or more. */
    public int level(int position) {
        int level = 1;
        for (int at = parent(position); at != ORIGIN; at = parent(at)) {
            level++;
        }
        return level;
    }

    /**
     * Positions of the ancestors, nearest first, without the origin; {@link #LONGEST_LIST} at most.
     */
    public List<Integer> ancestors(int position) {
        List<Integer> ancestors = new ArrayList<>();
        for (int at = parent(position);
                at != ORIGIN && ancestors.size() < LONGEST_LIST;
                at = parent(at)) {
            ancestors.add(at);
        }
        return ancestors;
    }

    /**
     * Closes gaps with as few moves as gaps: who claims a position that still exists keeps it; the
     * gaps go to those from beyond the new end and to newcomers, in this order.
     *
     * @param claims members by their position
     * @param newcomers members without one
     * @return all of them, in order of position
     */
    public <T> List<T> arrange(NavigableMap<Integer, T> claims, List<T> newcomers) {
        int count = claims.size() + newcomers.size();
        NavigableMap<Integer, T> kept = new TreeMap<>(claims.headMap(count, false));
        List<T> movers = new ArrayList<>(claims.tailMap(count, true).values());
        movers.addAll(newcomers);
        List<T> arranged = new ArrayList<>(count);
        int next = 0;
        for (int position = 0; position < count; position++) {
            @Nullable T keeper = kept.get(position);
            arranged.add(keeper != null ? keeper : movers.get(next++));
        }
        return arranged;
    }

    /**
     * The positions whose list of parents is no longer right after the nodes at some positions
     * changed: those positions and all below them.
     *
     * @param changed positions with another node, or with a node at another address
     * @param count positions in use
     */
    public BitSet stale(BitSet changed, int count) {
        BitSet stale = new BitSet(count);
        // a parent's position is always lower than its child's: one pass is enough
        for (int position = changed.nextSetBit(0); position >= 0 && position < count; position++) {
            int parent = parent(position);
            if (changed.get(position) || (parent != ORIGIN && stale.get(parent))) {
                stale.set(position);
            }
        }
        return stale;
    }
}
