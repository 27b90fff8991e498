package io.virtman.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.testkit.Programs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class QemuTest {
    private static final String PROGRAM = "qemu-system-x86_64";

    private static Qemu.Machine machine(List<String> blockDevices) {
        return new Qemu.Machine(
                "web-1",
                "tcg",
                "Nehalem",
                160,
                new Qemu.Kernel(Path.of("/k/vmlinuz"), Path.of("/k/initrd"), "console=ttyS0 quiet"),
                blockDevices,
                Path.of("/run/a,b/console"),
                Path.of("/run/a,b/web-1.qmp"),
                Path.of("/run/a,b/web-1.pid"));
    }

    @Test
    void givesNothingByDefaultAndOneDisk() {
        List<String> argv =
                new Qemu(new ProcessCommandRunner(), PROGRAM)
                        .arguments(machine(List.of("{\"node-name\":\"disk\"}")), true);
        assertThat(argv)
                .startsWith(PROGRAM)
                .contains("-nodefaults", "-no-user-config", "-no-reboot")
                .containsSequence("-machine", "pc")
                .containsSequence("-m", "160M")
                .containsSequence("-append", "console=ttyS0 quiet")
                .containsSequence("-blockdev", "{\"node-name\":\"disk\"}")
                .containsSequence("-device", "virtio-blk-pci,drive=disk")
                .contains("-sandbox");
    }

    @Test
    void doublesCommasOnlyWhereQemuSplitsAtThem() {
        List<String> argv =
                new Qemu(new ProcessCommandRunner(), PROGRAM).arguments(machine(List.of()), false);
        assertThat(argv)
                .contains("file,id=console,path=/run/a,,b/console")
                .contains("socket,id=monitor,server=on,wait=off,path=/run/a,,b/web-1.qmp")
                .containsSequence("-pidfile", "/run/a,b/web-1.pid")
                .doesNotContain("-sandbox", "-device");
    }

    @Test
    void canSandboxHere() throws IOException {
        assertThat(new Qemu(new ProcessCommandRunner(), Programs.require(PROGRAM)).canSandbox())
                .isTrue();
    }

    @Test
    void knowsWhenTheProgramRefuses() throws IOException {
        assertThat(new Qemu(new ProcessCommandRunner(), Programs.require("false")).canSandbox())
                .isFalse();
    }
}
