package io.virtman.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process of its own, ended by signals. */
@Timeout(90)
class ExportProcessTest {
    @TempDir Path directory;
    private final List<Process> processes = new ArrayList<>();
    private ExportScene scene;
    private Path disk;

    @BeforeEach
    void open() throws Exception {
        scene = new ExportScene(directory);
        disk = scene.disk("disk.raw");
        Files.createDirectory(scene.path("temporary"));
    }

    @AfterEach
    void close() throws Exception {
        processes.forEach(Process::destroyForcibly);
        scene.close();
    }

    /** Starts it and waits until it is ready. */
    private void start(String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "io.virtman.app.Main",
                                "export",
                                "--socket",
                                scene.path("s").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectError(scene.path("errors" + processes.size()).toFile());
        builder.environment().put("TMPDIR", scene.path("temporary").toString());
        Process process = builder.start();
        processes.add(process);
        BufferedReader output = process.inputReader();
        assertThat(output.readLine()).isEqualTo("ready");
    }

    @Test
    void signalRemovesSocketAndTemporaryFiles() throws Exception {
        String parent = scene.nbdkit("parent", "file", disk.toString());
        start("--parent", parent);
        scene.requireSame(RunningExport.uri(scene.path("s")), disk);
        assertThat(scene.path("temporary")).isNotEmptyDirectory();
        processes.getFirst().destroy();
        assertThat(processes.getFirst().waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(scene.path("s")).doesNotExist();
        assertThat(scene.path("temporary")).isEmptyDirectory();
        assertThat(Files.readString(scene.path("errors0"))).hasLineCount(1).contains("serving at");
    }

    @Test
    void killedProcessStartsAgainWithItsSocketAndCache() throws Exception {
        String digest;
        try (RunningExport origin =
                RunningExport.start(scene.path("origin"), "--image", disk.toString())) {
            digest = origin.digest();
            String[] arguments = {
                "--parent",
                origin.uri(),
                "--digest",
                digest,
                "--cache",
                scene.path("cache").toString()
            };
            start(arguments);
            String uri = RunningExport.uri(scene.path("s"));
            scene.requireSame(uri, disk);
            processes.getFirst().destroyForcibly();
            assertThat(processes.getFirst().waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(scene.path("s")).exists();
            start(arguments);
            origin.stop();
            scene.requireSame(uri, disk);
        }
    }
}
