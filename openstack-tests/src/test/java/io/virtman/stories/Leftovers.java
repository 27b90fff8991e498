package io.virtman.stories;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What must be the same after a story as before it.
 *
 * @param quota in use and reserved, by project and resource, where not 0
 * @param workers Cinder's notes of work under way
 * @param disks on each node
 * @param mounts of exported disks
 */
record Leftovers(
        List<List<String>> quota, long workers, SortedMap<String, Long> disks, long mounts) {
    static final Leftovers NONE = new Leftovers(List.of(), 0, new TreeMap<>(), 0);

    static Leftovers now() {
        SortedMap<String, Long> disks = new TreeMap<>();
        disks.put(Bed.LIBVIRT, Metrics.value(Bed.node(Bed.LIBVIRT), "virtman_node_vms"));
        Bed.FAKES.forEach(
                host -> disks.put(host, Metrics.value(Bed.node(host), "virtman_node_vms")));
        return new Leftovers(
                Rows.all(
                        "SELECT project_id, resource, in_use, reserved FROM cinder.quota_usages"
                                + " WHERE deleted = 0 AND (in_use <> 0 OR reserved <> 0)"
                                + " ORDER BY project_id, resource"),
                Rows.count("SELECT COUNT(*) FROM cinder.workers"),
                disks,
                Bed.mounts().stream().filter(point -> point.contains("/volume-")).count());
    }
}
