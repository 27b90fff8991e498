package io.virtman.stack.userspace;

import io.virtman.command.Qemu;
import io.virtman.stack.GuestRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Guests of the userspace stack: QEMU opens the layer itself. KVM is used once a guest under it has
 * been seen to run, else emulation.
 */
public final class UserspaceGuests implements GuestRunner {
    private final Qemu qemu;
    private final Path runDirectory;
    private final Path consoles;
    private final QemuGuests guests;
    private final ReentrantLock probing = new ReentrantLock();
    private volatile @Nullable Accelerator accelerator; // found out when the first guest starts

    /**
     * @param runDirectory for process files and monitor sockets, in its folder {@code guests}
     * @param consoles for logs of serial consoles
     */
    public UserspaceGuests(Qemu qemu, Path runDirectory, Path consoles) throws IOException {
        this.qemu = qemu;
        this.runDirectory = runDirectory;
        this.consoles = Files.createDirectories(consoles);
        this.guests = new QemuGuests(qemu, runDirectory.resolve("guests"));
    }

    @Override
    public Guest start(Start start) throws IOException {
        Optional<DetachedProcess> running = guests.find(start.vm());
        if (running.isPresent()) {
            return guest(start.vm(), running.get());
        }
        DetachedProcess started =
                guests.start(
                        new GuestSpecification(
                                start.vm(),
                                start.memoryMebibytes(),
                                new GuestSpecification.Qcow2Layer(start.disk()),
                                kernel(start),
                                console(start.vm())),
                        probed(start));
        return guest(start.vm(), started);
    }

    private static Qemu.@Nullable Kernel kernel(Start start) {
        Path image = start.kernel();
        String commandLine = start.commandLine();
        return image == null
                ? null
                : new Qemu.Kernel(image, start.initrd(), commandLine == null ? "" : commandLine);
    }

    private static Qemu.@Nullable Kernel probeKernel(Start start) {
        Path image = start.kernel();
        return image == null
                ? null
                : new Qemu.Kernel(
                        image, start.initrd(), "console=ttyS0 earlyprintk=ttyS0 panic=-1");
    }

    private Accelerator probed(Start start) throws IOException {
        Accelerator known = accelerator;
        if (known != null) {
            return known;
        }
        probing.lock();
        try {
            known = accelerator;
            if (known == null) {
                known = AcceleratorProbe.probe(qemu, probeKernel(start), runDirectory);
                accelerator = known;
            }
            return known;
        } finally {
            probing.unlock();
        }
    }

    private Guest guest(String vm, DetachedProcess process) {
        return new Guest(process.alive(), process.pid(), console(vm));
    }

    private Path console(String vm) {
        return consoles.resolve(vm + ".console");
    }

    @Override
    public String accelerator() {
        Accelerator known = accelerator;
        return known == null ? "unknown" : known.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Optional<Guest> find(String vm) throws IOException {
        Optional<DetachedProcess> running = guests.find(vm);
        if (running.isPresent()) {
            return Optional.of(guest(vm, running.get()));
        }
        return Files.exists(console(vm))
                ? Optional.of(new Guest(false, 0, console(vm)))
                : Optional.empty();
    }

    @Override
    public void stop(String vm) throws IOException {
        guests.stop(vm);
    }

    @Override
    public void forget(String vm) throws IOException {
        Files.deleteIfExists(console(vm));
        Files.deleteIfExists(guests.log(vm));
    }

    @Override
    public String awaitLine(String vm, String prefix, Duration atMost) throws IOException {
        return new ConsoleMarker(console(vm), prefix).await(atMost, () -> mayPrint(vm));
    }

    private boolean mayPrint(String vm) {
        try {
            return guests.mayRun(vm);
        } catch (IOException e) {
            return false;
        }
    }
}
