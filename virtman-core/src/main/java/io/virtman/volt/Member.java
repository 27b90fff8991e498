package io.virtman.volt;

import java.util.Map;

/** One node in one hierarchy. Mutable; guarded by its {@link ImageHierarchy}. */
final class Member {
    /** In place of a claim: none. */
    static final int NO_CLAIM = -1;

    NodeAddress address;

    /** Index in the list of members. */
    int position;

    /** Position it had in an earlier term, while the hierarchy is being rebuilt. */
    int claim = NO_CLAIM;

    /** When its parent list last changed. */
    long epoch;

    /** When it last joined or reported this attachment. */
    long lastReport;

    Map<String, Long> bytesInByParent = Map.of();
    long cachedBytes;

    Member(NodeAddress address, long now) {
        this.address = address;
        this.lastReport = now;
    }

    String name() {
        return address.name();
    }
}
