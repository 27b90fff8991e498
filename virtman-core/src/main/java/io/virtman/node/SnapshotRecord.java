package io.virtman.node;

import org.jspecify.annotations.Nullable;

/**
 * What the node remembers of an image it made of a VM's disk.
 *
 * @param image id of the new image
 * @param name of the new image
 * @param vm whose disk it was; null once that VM is destroyed
 * @param base id of the image that the disk is on; null when it began empty
 * @param done whether nothing is left to do, whatever came of it; the base is needed until then
 */
record SnapshotRecord(
        String image, String name, @Nullable String vm, @Nullable String base, boolean done) {
    SnapshotRecord finished() {
        return new SnapshotRecord(image, name, vm, base, true);
    }

    SnapshotRecord orphaned() {
        return new SnapshotRecord(image, name, null, base, done);
    }
}
