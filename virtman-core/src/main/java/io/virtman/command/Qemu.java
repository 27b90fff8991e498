package io.virtman.command;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code qemu-system-x86_64}: the argument vector of a machine, and starting it. */
public final class Qemu {
    private static final Duration TIME_OUT = Duration.ofSeconds(20);
    private static final String SANDBOX =
            "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny";

    private final CommandRunner runner;
    private final String program;

    /**
     * @param program {@code qemu-system-x86_64} or its path
     */
    public Qemu(CommandRunner runner, String program) {
        this.runner = runner;
        this.program = program;
    }

    /**
     * A kernel that QEMU loads itself.
     *
     * @param initialRamDisk null for a kernel that needs none
     */
    public record Kernel(Path image, @Nullable Path initialRamDisk, String commandLine) {}

    /**
     * One machine with one virtio disk and a serial console.
     *
     * @param kernel null to boot from the disk
     * @param blockDevices arguments of {@code -blockdev}; the one whose {@code node-name} is {@link
     *     #DISK_NODE} becomes the disk; empty for a machine without disk
     * @param console file that receives what the guest prints; truncated at start
     * @param monitor Unix socket of the QEMU machine protocol
     * @param processFile file that receives the process id; QEMU keeps it locked while it runs
     */
    public record Machine(
            String name,
            String accelerator,
            String processor,
            int memoryMebibytes,
            @Nullable Kernel kernel,
            List<String> blockDevices,
            Path console,
            Path monitor,
            Path processFile) {
        public Machine {
            blockDevices = List.copyOf(blockDevices);
        }
    }

    /** Node name of the block device that becomes the guest's disk. */
    public static final String DISK_NODE = "disk";

    /** Whether this QEMU on this kernel can confine itself with seccomp. */
    public boolean canSandbox() throws IOException {
        try {
            // "-machine help" ends at once, but after the sandbox was set up
            runner.run(List.of(program, "-sandbox", SANDBOX, "-machine", "help"), TIME_OUT);
            return true;
        } catch (CommandFailedException e) {
            return false;
        }
    }

    /**
     * Starts a machine that outlives this JVM.
     *
     * @param log receives QEMU's own messages
     * @return the process id of the program started
     */
    public long start(Machine machine, boolean sandbox, Path log) throws IOException {
        return runner.startDetached(arguments(machine, sandbox), log).pid();
    }

    /** The whole argument vector. */
    public List<String> arguments(Machine machine, boolean sandbox) {
        // always "pc": under TCG the microvm type hangs in half of its starts
        List<String> argv =
                new ArrayList<>(
                        List.of(
                                program,
                                "-name",
                                "guest=" + escape(machine.name()),
                                "-machine",
                                // without a kernel of ours, firmware speaks on the serial console
                                machine.kernel() == null ? "pc,graphics=off" : "pc",
                                "-accel",
                                machine.accelerator(),
                                "-cpu",
                                machine.processor(),
                                "-smp",
                                "1",
                                "-m",
                                machine.memoryMebibytes() + "M",
                                "-nodefaults",
                                "-no-user-config",
                                "-display",
                                "none",
                                "-no-reboot",
                                "-chardev",
                                "file,id=console,path=" + escape(machine.console().toString()),
                                "-serial",
                                "chardev:console",
                                "-chardev",
                                "socket,id=monitor,server=on,wait=off,path="
                                        + escape(machine.monitor().toString()),
                                "-mon",
                                "chardev=monitor,mode=control",
                                "-pidfile",
                                machine.processFile().toString()));
        Kernel kernel = machine.kernel();
        if (kernel != null) {
            argv.addAll(List.of("-kernel", kernel.image().toAbsolutePath().toString()));
            argv.addAll(List.of("-append", kernel.commandLine()));
            if (kernel.initialRamDisk() != null) {
                argv.addAll(
                        List.of("-initrd", kernel.initialRamDisk().toAbsolutePath().toString()));
            }
        }
        if (sandbox) {
            argv.addAll(List.of("-sandbox", SANDBOX));
        }
        for (String blockDevice : machine.blockDevices()) {
            argv.addAll(List.of("-blockdev", blockDevice));
        }
        if (!machine.blockDevices().isEmpty()) {
            argv.addAll(List.of("-device", "virtio-blk-pci,drive=" + DISK_NODE));
        }
        return List.copyOf(argv);
    }

    /** In QEMU's key=value arguments a comma inside a value is written twice. */
    private static String escape(String value) {
        return value.replace(",", ",,");
    }
}
