package io.virtman.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Parents without a digest: other people's servers above and below ours. */
@Timeout(90)
class ExportTrustedTest {
    @TempDir Path directory;
    private ExportScene scene;
    private Path disk;

    @BeforeEach
    void open() throws Exception {
        scene = new ExportScene(directory);
        disk = scene.disk("disk.raw");
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    @Test
    void nbdkitAboveAndBelow() throws Exception {
        String parent = scene.nbdkit("parent", "file", disk.toString());
        try (RunningExport export = RunningExport.start(scene.path("s"), "--parent", parent)) {
            scene.requireSame(export.uri(), disk);
            scene.kill("parent"); // everything was read once
            scene.requireSame(export.uri(), disk);
            String child = scene.nbdkit("child", "nbd", "uri=" + export.uri());
            scene.requireSame(child, disk);
        }
    }

    @Test
    void qemuAbove() throws Exception {
        Path whole = Files.write(scene.path("whole.raw"), new byte[1 << 20]);
        Files.write(whole, "qemu".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        scene.run("truncate", "--size=1M", whole.toString());
        String parent = scene.qemuNbd("parent", whole);
        try (RunningExport export = RunningExport.start(scene.path("s"), "--parent", parent)) {
            scene.requireSame(export.uri(), whole);
        }
    }

    @Test
    void secondParentStepsIn() throws Exception {
        String first = scene.nbdkit("first", "file", disk.toString());
        String second = scene.nbdkit("second", "file", disk.toString());
        try (RunningExport export =
                RunningExport.start(
                        scene.path("s"),
                        "--parent",
                        RunningExport.uri(scene.path("nobody")),
                        "--parent",
                        first,
                        "--parent",
                        second)) {
            scene.kill("first");
            scene.requireSame(export.uri(), disk);
            assertThat(scene.logged("nobody can not be used now")).hasSize(1);
        }
    }

    @Test
    void parentsOfAnotherSizeAreRefused() throws Exception {
        String first = scene.nbdkit("first", "file", disk.toString());
        String other = scene.nbdkit("other", "memory", "1M");
        assertThat(
                        RunningExport.fail(
                                "--parent",
                                first,
                                "--parent",
                                other,
                                "--socket",
                                scene.path("s").toString()))
                .startsWith("1 virtman: --parent " + other + ": is refused: its disk has 1048576")
                .contains(first + " has " + ExportScene.SIZE)
                .hasLineCount(1);
    }
}
