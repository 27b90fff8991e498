package io.virtman.node;

import io.virtman.volt.NodeAddress;
import java.util.List;
import java.util.Map;

/**
 * A node in numbers; bytes are counted at the sockets since the service began.
 *
 * @param address how others reach it
 * @param images attached or originated here
 * @param vms how many
 * @param peerBytesOut sent to children
 * @param peerBytesIn received from parents
 * @param guestBytesOut sent to guests of this host
 * @param cachedBytes bytes of chunks held
 * @param cacheCapacity bytes of chunks there is room for
 * @param cacheFailures times the cache's medium refused a read or write
 * @param layerBytesTotal bytes of the file system that layers are on; 0 where it does not tell
 * @param layerBytesFree bytes that can still be written to it
 * @param layerBytesProvisioned sum of the sizes of this node's VMs' disks
 */
public record NodeReport(
        NodeAddress address,
        List<ImageReport> images,
        int vms,
        long peerBytesOut,
        long peerBytesIn,
        long guestBytesOut,
        long cachedBytes,
        long cacheCapacity,
        long cacheFailures,
        long layerBytesTotal,
        long layerBytesFree,
        long layerBytesProvisioned) {

    /**
     * An attached image.
     *
     * @param image id
     * @param name of the image
     * @param level 0 for the origin
     * @param parents each parent's state, nearest first
     * @param bytesInByParent received so far
     */
    public record ImageReport(
            String image,
            String name,
            int level,
            Map<String, String> parents,
            Map<String, Long> bytesInByParent) {}
}
