package io.virtman.volt;

import java.util.List;

/**
 * What Volt knows of one node.
 *
 * @param address where it was last reached
 * @param alive whether it was heard of within three heartbeat intervals
 * @param millisSinceHeartbeat time since it was last heard of; -1 when it was not since Volt
 *     started
 * @param peerBytesIn as it last reported
 * @param peerBytesOut as it last reported
 * @param layerBytesTotal bytes of the file system that its layers are on, as it last reported; 0
 *     where it does not tell
 * @param layerBytesFree bytes that can still be written to it
 * @param layerBytesProvisioned sum of the sizes of its VMs' disks
 * @param images ids of the images it is a member of
 * @param complaintsAbout what other nodes reported about it, {@code reporter: what}; the newest of
 *     each reporter
 */
public record NodeStatus(
        NodeAddress address,
        boolean alive,
        long millisSinceHeartbeat,
        long peerBytesIn,
        long peerBytesOut,
        long layerBytesTotal,
        long layerBytesFree,
        long layerBytesProvisioned,
        List<String> images,
        List<String> complaintsAbout) {
    public NodeStatus {
        images = List.copyOf(images);
        complaintsAbout = List.copyOf(complaintsAbout);
    }
}
