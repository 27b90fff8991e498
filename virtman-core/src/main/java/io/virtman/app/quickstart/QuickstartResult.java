package io.virtman.app.quickstart;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The figures of one quickstart. All bytes on connections are counted at the sockets, with headers
 * and hash tree.
 *
 * @param imageBytes size of the disk
 * @param digest of the image
 * @param accelerator what guests ran on, {@code kvm} or {@code tcg}
 * @param warm whether the nodes' caches were filled by an earlier run
 * @param guestReadBytes W_guest: distinct 4 KiB blocks of the image that a VM read; median of the
 *     VMs
 * @param workingSetBytes W: the same rounded to chunks
 * @param originBytesOut sent by the origin while the VMs booted through the hierarchy
 * @param directOriginBytesOut sent by the origin while as many VMs booted from it directly
 * @param bytesSent by origin and nodes to their children
 * @param bytesReceived by the nodes from their parents; equal to {@code bytesSent}, since both ends
 *     count
 * @param bootSecondsMedian through the hierarchy, from the start of QEMU to the guest's marker
 * @param bootSecondsMaximum the same
 * @param directBootSecondsMedian directly
 * @param directBootSecondsMaximum the same
 * @param nodes without the origin
 * @param vms through the hierarchy
 * @param directVms directly from the origin
 * @param tree picture of the hierarchy
 */
public record QuickstartResult(
        long imageBytes,
        String digest,
        String accelerator,
        boolean warm,
        long guestReadBytes,
        long workingSetBytes,
        long originBytesOut,
        long directOriginBytesOut,
        long bytesSent,
        long bytesReceived,
        double bootSecondsMedian,
        double bootSecondsMaximum,
        double directBootSecondsMedian,
        double directBootSecondsMaximum,
        List<Node> nodes,
        List<Vm> vms,
        List<Vm> directVms,
        List<String> tree) {

    /**
     * A node.
     *
     * @param level in the hierarchy
     * @param parents nearest first
     * @param bytesIn received from them
     * @param bytesOut sent to children
     */
    public record Node(
            String name,
            int level,
            List<String> parents,
            long bytesIn,
            long bytesOut,
            Map<String, Long> bytesInByParent) {}

    /**
     * A VM.
     *
     * @param bootSeconds null when it did not boot
     * @param ok whether it booted and found its files' checksums right
     */
    public record Vm(
            String name,
            String node,
            @Nullable Double bootSeconds,
            boolean ok,
            @Nullable String failure) {}

    boolean succeeded() {
        return bytesSent == bytesReceived
                && vms.stream().allMatch(Vm::ok)
                && directVms.stream().allMatch(Vm::ok);
    }
}
