package io.virtman.app.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.command.ProcessCommandRunner;
import io.virtman.command.Qemu;
import io.virtman.stack.userspace.Accelerator;
import io.virtman.stack.userspace.ConsoleMarker;
import io.virtman.stack.userspace.DetachedProcess;
import io.virtman.stack.userspace.GuestSpecification;
import io.virtman.stack.userspace.QemuGuests;
import io.virtman.testkit.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real guest: the files are built once per machine, then kept for later runs. */
class GuestBootTest {
    private static final Path CACHE =
            Path.of(System.getProperty("java.io.tmpdir"), "virtman-test-guest");

    @TempDir Path directory;

    @Test
    void bootsChecksItsDiskAndWritesToItsLayerOnly() throws IOException {
        ProcessCommandRunner runner = new ProcessCommandRunner();
        List<String> progress = new ArrayList<>();
        GuestFiles files =
                GuestFiles.provide(runner, Programs.require("mke2fs"), CACHE, progress::add);
        assertThat(progress).hasSizeLessThanOrEqualTo(2);
        var modified = Files.getLastModifiedTime(files.disk());
        Path layer = directory.resolve("layer.qcow2");
        runner.run(
                List.of(
                        Programs.require("qemu-img"),
                        "create",
                        "-f",
                        "qcow2",
                        "-F",
                        "raw",
                        "-b",
                        files.disk().toString(),
                        layer.toString()),
                Duration.ofSeconds(20));
        long emptyLayer = Files.size(layer);

        QemuGuests guests =
                new QemuGuests(new Qemu(runner, Programs.require("qemu-system-x86_64")), directory);
        Path console = directory.resolve("console");
        DetachedProcess guest =
                guests.start(
                        new GuestSpecification(
                                "web-1",
                                GuestKernel.GUEST_MEMORY_MEBIBYTES,
                                new GuestSpecification.Qcow2Layer(layer),
                                new Qemu.Kernel(
                                        files.kernel().image(),
                                        files.kernel().initialRamDisk(),
                                        GuestKernel.commandLine("web-1")),
                                console),
                        Accelerator.TCG);
        try {
            String line =
                    new ConsoleMarker(console, GuestReport.PREFIX)
                            .await(Duration.ofMinutes(2), guest::alive);
            GuestReport report = GuestReport.parse(line);
            assertThat(report.name()).isEqualTo("web-1");
            assertThat(report.bytesRead()).isBetween(10_000_000L, 40_000_000L);
        } finally {
            guests.stop("web-1");
        }
        assertThat(Files.size(layer)).isGreaterThan(emptyLayer);
        assertThat(Files.getLastModifiedTime(files.disk())).isEqualTo(modified);
    }
}
