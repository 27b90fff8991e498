package io.virtman.node;

import io.virtman.peer.ParentSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this node has against its parents, for Volt and people: the last complaint about each. Safe
 * for many threads.
 */
public final class Complaints implements ParentSet.ComplaintListener {
    private final Map<String, String> byParent = new ConcurrentHashMap<>();

    @Override
    public void corrupt(String parent, String what) {
        byParent.put(parent, what);
    }

    Map<String, String> byParent() {
        return Map.copyOf(byParent);
    }
}
