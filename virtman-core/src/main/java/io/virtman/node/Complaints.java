package io.virtman.node;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this node has against its parents and Volt has not heard yet: the last complaint about each.
 * Safe for many threads.
 */
public final class Complaints {
    private final Map<String, String> byParent = new ConcurrentHashMap<>();

    /** Takes a complaint: {@code parent} sent {@code what}. */
    public void corrupt(String parent, String what) {
        byParent.put(parent, what);
    }

    /** What was not yet told. */
    Map<String, String> unsent() {
        return Map.copyOf(byParent);
    }

    /** Takes note that Volt knows; a newer complaint about the same parent stays. */
    void sent(Map<String, String> known) {
        known.forEach(byParent::remove);
    }
}
