package io.virtman.volt;

import java.util.List;
import java.util.Map;

/**
 * A node's sign of life, sent once per heartbeat interval. It carries all of the node's
 * attachments, so that Volt can rebuild its membership from heartbeats alone.
 *
 * @param node who speaks
 * @param attachments every image it is attached to
 * @param peerBytesIn payload bytes fetched from other nodes since it started
 * @param peerBytesOut payload bytes served to other nodes since it started
 * @param layerBytesTotal bytes of the file system that its layers are on; 0 where it does not tell
 * @param layerBytesFree bytes that can still be written to it
 * @param layerBytesProvisioned sum of the sizes of its VMs' disks
 * @param complaints by name of a parent, what it did, for example that it sent corrupt data; only
 *     what is new since the last heartbeat that was answered
 */
public record Heartbeat(
        NodeAddress node,
        List<AttachmentReport> attachments,
        long peerBytesIn,
        long peerBytesOut,
        long layerBytesTotal,
        long layerBytesFree,
        long layerBytesProvisioned,
        Map<String, String> complaints) {
    public Heartbeat {
        attachments = List.copyOf(attachments);
        complaints = Map.copyOf(complaints);
    }
}
