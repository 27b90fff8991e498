package io.virtman.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.command.CommandFailedException;
import io.virtman.testkit.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Image files, read by the clients people have. */
@Timeout(90)
class ExportImageTest {
    @TempDir Path directory;
    private ExportScene scene;

    @BeforeEach
    void open() {
        scene = new ExportScene(directory);
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    @Test
    void rawFileIsServedInPlaceWithItsHolesAndThenWithItsTree() throws Exception {
        Path disk = scene.disk("a disk, with spaces.raw");
        Path socket = scene.path("a socket, too.sock");
        try (RunningExport export = RunningExport.start(socket, "--image", disk.toString())) {
            String uri = export.uri();
            assertThat(scene.run("nbdinfo", "--map", uri).lines().map(l -> l.strip().split(" +")))
                    .extracting(f -> f[0] + " " + f[1] + " " + f[2])
                    .containsExactly(
                            "0 1048576 0",
                            "1048576 1048576 3",
                            "2097152 " + (ExportScene.SIZE - 2097152) + " 0");
            scene.requireSame(uri, disk);
            assertThat(
                            scene.run(
                                    "qemu-img",
                                    "compare",
                                    "-f",
                                    "raw",
                                    "-F",
                                    "raw",
                                    uri,
                                    disk.toString()))
                    .contains("identical");
            assertThat(
                            scene.run(
                                    "qemu-io",
                                    "-r",
                                    "-f",
                                    "raw",
                                    "-c",
                                    "read -P 0 1M 1M",
                                    "-c",
                                    "aio_read 0 2M",
                                    uri))
                    .doesNotContain("failed");
            String digest = export.digest();
            assertThat(scene.run("nbdinfo", "--list", "--json", uri))
                    .contains("\"export-name\": \"\"")
                    .contains("\"export-name\": \"" + digest + "@1\"");
            assertThatThrownBy(() -> scene.run("nbdinfo", uri.replace("///", "///other")))
                    .isInstanceOf(CommandFailedException.class);
        }
        assertThat(socket).doesNotExist();
    }

    @Test
    void rawFileWithHeaderOfQcow2StaysRaw() throws Exception {
        Path file = scene.path("trap.img");
        scene.run("qemu-img", "create", "-q", "-f", "qcow2", file.toString(), "64M");
        try (RunningExport export =
                RunningExport.start(scene.path("s"), "--image", file.toString())) {
            scene.requireSame(export.uri(), file);
        }
    }

    @Test
    void qcow2FileIsImportedOnceAndServed() throws Exception {
        Path disk = scene.disk("disk.raw");
        Path file = scene.path("disk.qcow2");
        scene.run("qemu-img", "convert", "-O", "qcow2", disk.toString(), file.toString());
        // qcow2 has whole sectors
        Files.write(disk, new byte[512 - ExportScene.SIZE % 512], StandardOpenOption.APPEND);
        String[] arguments = {
            "--image",
            file.toString(),
            "--format",
            "qcow2",
            "--cache",
            scene.path("a cache, kept").toString()
        };
        String digest;
        try (RunningExport export = RunningExport.start(scene.path("s"), arguments)) {
            digest = export.digest();
            scene.requireSame(export.uri(), disk);
        }
        try (RunningExport export = RunningExport.start(scene.path("s"), arguments)) {
            assertThat(export.digest()).isEqualTo(digest);
            assertThat(scene.logged("importing")).hasSize(1);
            assertThat(
                            RunningExport.fail(
                                    "--image",
                                    file.toString(),
                                    "--format",
                                    "qcow2",
                                    "--cache",
                                    scene.path("a cache, kept").toString(),
                                    "--socket",
                                    scene.path("t").toString()))
                    .startsWith("1 virtman: --cache: ")
                    .contains("in use by another process");
        }
        try (RunningExport export =
                RunningExport.start(scene.path("s"), "--image", disk.toString())) {
            assertThat(export.digest()).isEqualTo(digest);
        }
    }

    @Test
    void changedFileGivesErrorsAndIsNamedOnce() throws Exception {
        Programs.require("nbdcopy");
        Path disk = scene.disk("changing.raw");
        try (RunningExport export =
                RunningExport.start(scene.path("s"), "--image", disk.toString())) {
            export.digest();
            Files.write(disk, new byte[] {1}, StandardOpenOption.APPEND);
            for (int times = 0; times < 2; times++) {
                assertThatThrownBy(() -> scene.run("nbdcopy", export.uri(), "null:"))
                        .hasMessageContaining("Input/output error");
            }
            assertThat(scene.logged("changing.raw changed while it was in use: its readers"))
                    .hasSize(1);
        }
    }
}
