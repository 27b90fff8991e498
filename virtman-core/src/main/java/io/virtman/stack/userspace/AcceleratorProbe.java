package io.virtman.stack.userspace;

import io.virtman.command.Qemu;
import io.virtman.problem.ProblemException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether KVM works by starting a machine under it: a {@code /dev/kvm} may exist and
 * fail, or hang, at the first guest.
 */
public final class AcceleratorProbe {
    private static final System.Logger LOGGER = System.getLogger(AcceleratorProbe.class.getName());
    private static final Path DEVICE = Path.of("/dev/kvm");
    private static final String FIRMWARE_SPEAKS = "Booting from"; // SeaBIOS, on the serial console
    private static final String KERNEL_SPEAKS = "[    0.000000] Linux version";
    private static final Duration TIME_OUT = Duration.ofSeconds(10);
    private static final Duration END_TIME_OUT = Duration.ofSeconds(5);

    private AcceleratorProbe() {}

    /**
     * KVM when a guest under it speaks within 10 s, else TCG.
     *
     * @param kernel what is booted, with a serial console; null to make do with firmware, which has
     *     been seen to run where a kernel hangs
     * @param directory for the probe's files
     */
    public static Accelerator probe(Qemu qemu, Qemu.@Nullable Kernel kernel, Path directory)
            throws IOException {
        if (!Files.isReadable(DEVICE) || !Files.isWritable(DEVICE)) {
            LOGGER.log(Level.DEBUG, "no usable {0}: guests are emulated", DEVICE);
            return Accelerator.TCG;
        }
        Path work =
                Files.createTempDirectory(
                        Files.createDirectories(directory.toAbsolutePath()), "kvm");
        Path processFile = work.resolve("probe.pid");
        Path console = work.resolve("console");
        Path log = work.resolve("log");
        long pid =
                qemu.start(
                        new Qemu.Machine(
                                "virtman-kvm-probe",
                                Accelerator.KVM.argument(),
                                Accelerator.KVM.processor(),
                                128,
                                kernel,
                                List.of(),
                                console,
                                work.resolve("qmp"),
                                processFile),
                        false,
                        log);
        Optional<ProcessHandle> process = ProcessHandle.of(pid);
        try {
            // a line of the kernel proper: where KVM hangs, its loader has often printed already
            new ConsoleMarker(console, kernel == null ? FIRMWARE_SPEAKS : KERNEL_SPEAKS)
                    .await(TIME_OUT, () -> process.map(ProcessHandle::isAlive).orElse(false));
            return Accelerator.KVM;
        } catch (ProblemException e) {
            LOGGER.log(
                    Level.INFO,
                    "KVM does not work here ({0}): guests are emulated",
                    ConsoleMarker.printableTail(log, 500));
            return Accelerator.TCG;
        } finally {
            end(process);
            for (String file : List.of("probe.pid", "console", "log", "qmp")) {
                Files.deleteIfExists(work.resolve(file));
            }
            Files.deleteIfExists(work);
        }
    }

    private static void end(Optional<ProcessHandle> process) throws IOException {
        process.ifPresent(ProcessHandle::destroyForcibly);
        Poller poller = new Poller(END_TIME_OUT);
        while (process.map(ProcessHandle::isAlive).orElse(false) && poller.pause()) {
            // a guest that hangs inside KVM may take its time, or never end
        }
    }
}
