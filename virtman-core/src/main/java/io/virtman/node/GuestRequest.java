package io.virtman.node;

import org.jspecify.annotations.Nullable;

/**
 * How to start a guest.
 *
 * @param memoryMebibytes 16 to 1 048 576
 * @param kernel absolute path on the node's host to boot directly, or null to boot from the disk
 * @param initrd absolute path, only with a kernel
 * @param commandLine of the kernel, only with a kernel; {@code %n} stands for the VM's name
 * @param marker how the line begins that the guest prints on its serial console when it is ready;
 *     null when none is awaited
 */
public record GuestRequest(
        int memoryMebibytes,
        @Nullable String kernel,
        @Nullable String initrd,
        @Nullable String commandLine,
        @Nullable String marker) {}
