package io.virtman.volt;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One node in the picture of a hierarchy.
 *
 * @param node its name
 * @param position in heap order from 0
 * @param level distance from the origin, 1 or more
 * @param parent name of the node it should fetch from first; null when that is unknown
 * @param bytesInByParent as it last reported
 * @param cachedBytes as it last reported
 * @param alive false when it missed its heartbeats and is about to be removed
 */
public record HierarchyMember(
        String node,
        int position,
        int level,
        @Nullable String parent,
        Map<String, Long> bytesInByParent,
        long cachedBytes,
        boolean alive) {}
