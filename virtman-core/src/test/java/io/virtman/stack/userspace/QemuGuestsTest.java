package io.virtman.stack.userspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.command.ProcessCommandRunner;
import io.virtman.command.Qemu;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.testkit.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QemuGuestsTest {
    private static final Duration TIME_OUT = Duration.ofSeconds(30);
    private static final String NULL_DISK = "{\"driver\": \"null-co\", \"size\": 1048576}";

    @TempDir Path directory;

    private QemuGuests guests;
    private Path kernel;
    private Path initialRamDisk;

    @BeforeEach
    void prepare() throws IOException {
        guests = newService();
        kernel = Files.write(directory.resolve("kernel"), TinyKernel.printing("VM-READY tiny\n"));
        initialRamDisk = Files.write(directory.resolve("initrd"), new byte[512]);
    }

    @AfterEach
    void end() throws IOException {
        guests.stop("tiny");
    }

    private QemuGuests newService() throws IOException {
        return new QemuGuests(
                new Qemu(new ProcessCommandRunner(), Programs.require("qemu-system-x86_64")),
                directory.resolve("run"));
    }

    private GuestSpecification tiny(GuestSpecification.Disk disk) {
        return new GuestSpecification(
                "tiny",
                32,
                disk,
                new Qemu.Kernel(kernel, initialRamDisk, ""),
                directory.resolve("console"));
    }

    @Test
    void runsAGuestThatALaterServiceFindsAndStops() throws IOException {
        DetachedProcess started =
                guests.start(tiny(new GuestSpecification.BlockDevice(NULL_DISK)), Accelerator.TCG);
        assertThat(started.alive()).isTrue();
        assertThat(
                        new ConsoleMarker(directory.resolve("console"), "VM-READY")
                                .await(TIME_OUT, started::alive))
                .isEqualTo("VM-READY tiny");
        assertThat(guests.monitor("tiny")).exists();

        QemuGuests restarted = newService();
        assertThat(restarted.find("tiny").orElseThrow().pid()).isEqualTo(started.pid());
        assertThatThrownBy(() ->
                        restarted.start(
                                tiny(new GuestSpecification.BlockDevice(NULL_DISK)),
                                Accelerator.TCG))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT));
        assertThat(started.alive()).isTrue();

        restarted.stop("tiny");
        assertThat(started.alive()).isFalse();
        assertThat(guests.alive("tiny")).isFalse();
        restarted.stop("tiny"); // again: nothing to do
    }

    @Test
    void killsAGuestThatIgnoresTheRequestToEnd() throws Exception {
        DetachedProcess started =
                guests.start(tiny(new GuestSpecification.BlockDevice(NULL_DISK)), Accelerator.TCG);
        // a stopped process keeps SIGTERM pending
        new ProcessCommandRunner()
                .run(List.of("kill", "-STOP", Long.toString(started.pid())), Duration.ofSeconds(5));
        Path status = Path.of("/proc", Long.toString(started.pid()), "stat");
        Poller poller = new Poller(TIME_OUT);
        while (!Files.readString(status).contains(") T ") && poller.pause()) {
            // the stop takes effect a little later
        }
        started.terminate();
        assertThat(started.awaitExit(Duration.ofMillis(100))).isFalse();
        started.kill();
        assertThat(started.awaitExit(Duration.ofSeconds(10))).isTrue();
        assertThat(started.alive()).isFalse();
    }

    @Test
    void saysWhatQemuSaidWhenTheDiskIsMissing() {
        assertThatThrownBy(() ->
                        guests.start(
                                tiny(
                                        new GuestSpecification.Qcow2Layer(
                                                directory.resolve("absent.qcow2"))),
                                Accelerator.TCG))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("absent.qcow2")
                .hasMessageContaining("No such file");
    }

    @Test
    void refusesADiskThatIsNoJsonObject() {
        assertThatThrownBy(() ->
                        guests.start(
                                tiny(new GuestSpecification.BlockDevice("[]")), Accelerator.TCG))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID));
        assertThatThrownBy(() ->
                        guests.start(
                                tiny(new GuestSpecification.BlockDevice("{")), Accelerator.TCG))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID));
    }

    @Test
    void neverTakesAnotherProgramForAGuest() throws Exception {
        Path processFile = directory.resolve("run/tiny.pid");
        Process other = new ProcessBuilder("sleep", "60").start();
        try {
            Files.writeString(processFile, other.pid() + "\n");
            assertThat(guests.find("tiny")).isEmpty();
            guests.stop("tiny");
            assertThat(other.isAlive()).isTrue();
        } finally {
            other.destroyForcibly();
            assertThat(other.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void takesNoGuestFromADamagedPidFile() throws IOException {
        for (String text : new String[] {"", "0", "-1", "x", "99999999999999999999999", "1 2"}) {
            Files.writeString(directory.resolve("run/tiny.pid"), text);
            assertThat(guests.find("tiny")).as(text).isEmpty();
        }
    }

    @Test
    void refusesADirectoryTooLongForSockets() throws IOException {
        QemuGuests deep =
                new QemuGuests(
                        new Qemu(
                                new ProcessCommandRunner(), Programs.require("qemu-system-x86_64")),
                        directory.resolve("d".repeat(100)));
        assertThatThrownBy(() ->
                        deep.start(
                                tiny(new GuestSpecification.BlockDevice(NULL_DISK)),
                                Accelerator.TCG))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("too long");
    }

    @Test
    void probesAnAcceleratorWithinItsTime() throws IOException {
        Path probe = directory.resolve("probe");
        Accelerator found =
                AcceleratorProbe.probe(
                        new Qemu(
                                new ProcessCommandRunner(), Programs.require("qemu-system-x86_64")),
                        new Qemu.Kernel(
                                Files.write(
                                        kernel,
                                        TinyKernel.printing("[    0.000000] Linux version\n")),
                                initialRamDisk,
                                ""),
                        probe);
        assertThat(found).isIn(Accelerator.KVM, Accelerator.TCG);
        if (Files.exists(probe)) {
            assertThat(probe).isEmptyDirectory();
        }
    }
}
