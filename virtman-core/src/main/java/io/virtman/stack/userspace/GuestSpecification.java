package io.virtman.stack.userspace;

import io.virtman.command.Qemu;
import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a guest is made of.
 *
 * @param name unique on this host
 * @param memoryMebibytes 32 to 1048576
 * @param kernel booted directly; null to boot what is on the disk
 * @param console file that receives the serial console; truncated at start
 */
public record GuestSpecification(
        String name, int memoryMebibytes, Disk disk, Qemu.@Nullable Kernel kernel, Path console) {
    /** The guest's disk. */
    public sealed interface Disk {}

    /** A qcow2 file; its backing reference is the one inside the file. */
    public record Qcow2Layer(Path file) implements Disk {}

    /**
     * Any QEMU block device.
     *
     * @param json an object as for {@code blockdev-add}; its {@code node-name} is replaced
     */
    public record BlockDevice(String json) implements Disk {}

    public GuestSpecification {
        Names.require("name", name);
        if (memoryMebibytes < 32 || memoryMebibytes > 1 << 20) {
            throw new ProblemException(
                    Kind.INVALID,
                    "memoryMebibytes",
                    memoryMebibytes + " is out of range",
                    "give 32 to 1048576");
        }
    }
}
