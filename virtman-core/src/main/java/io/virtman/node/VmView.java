package io.virtman.node;

import org.jspecify.annotations.Nullable;

/**
 * A VM as people see it.
 *
 * @param name unique on its node
 * @param node the node's name
 * @param image id of its image; null when its disk began empty
 * @param imageName name of its image; null like {@code image}
 * @param size bytes of its disk
 * @param state of its disk
 * @param disk path of its layer on the node's host
 * @param guest its guest; null when none was started
 * @param export the file its disk is offered as; null when it is not
 * @param written whether a guest may have written to its disk; true while one may be doing so
 * @param guestReadBytes distinct 4 KiB blocks of the image it has read since the node service
 *     began, in bytes
 * @param chunkReadBytes the same rounded to chunks
 */
public record VmView(
        String name,
        String node,
        @Nullable String image,
        @Nullable String imageName,
        long size,
        VmRecord.State state,
        String disk,
        @Nullable GuestView guest,
        @Nullable ExportView export,
        boolean written,
        long guestReadBytes,
        long chunkReadBytes) {

    /**
     * A disk offered as a file.
     *
     * @param path of the raw file on the node's host; it never changes
     * @param reason why it failed, or why it was made anew; null otherwise
     */
    public record ExportView(ExportState state, String path, @Nullable String reason) {}

    /**
     * A guest.
     *
     * @param running whether its QEMU process lives
     * @param processId of QEMU
     * @param accelerator {@code kvm} or {@code tcg}
     * @param console path of its serial console's log
     * @param bootMillis from the start of QEMU until the marker was seen; null until then
     * @param markerLine the line with the marker; null until then
     */
    public record GuestView(
            boolean running,
            long processId,
            String accelerator,
            String console,
            @Nullable Long bootMillis,
            @Nullable String markerLine) {}
}
