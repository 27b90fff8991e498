package io.virtman.remote;

import java.util.BitSet;

/** Which units of a file are here or being fetched. Guarded by its owner's lock. */
final class UnitMap {
    private final int units;
    private final BitSet there = new BitSet();
    private final BitSet underWay = new BitSet();

    UnitMap(int units) {
        this.units = units;
    }

    boolean has(int unit) {
        return there.get(unit);
    }

    /** Whether all from {@code first} up to {@code end} are here. */
    boolean has(int first, int end) {
        return there.nextClearBit(first) >= end;
    }

    boolean whole() {
        return there.cardinality() == units;
    }

    int count() {
        return there.cardinality();
    }

    boolean isUnderWay(int unit) {
        return underWay.get(unit);
    }

    /** The first unit that is neither here nor under way; their number when there is none. */
    int nextMissing() {
        int at = there.nextClearBit(0);
        while (at < units && underWay.get(at)) {
            at = there.nextClearBit(underWay.nextClearBit(at));
        }
        return at;
    }

    /** Claims units from {@code first}, which is missing, up to {@code end} at most; the end. */
    int claim(int first, int end) {
        int last = first + 1;
        while (last < Math.min(end, units) && !there.get(last) && !underWay.get(last)) {
            last++;
        }
        underWay.set(first, last);
        return last;
    }

    void arrived(int first, int end) {
        there.set(first, end);
        underWay.clear(first, end);
    }

    void released(int first, int end) {
        underWay.clear(first, end);
    }
}
