package io.virtman.app.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.command.ProcessCommandRunner;
import io.virtman.testkit.Programs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpioArchiveTest {
    @TempDir Path directory;

    private static byte[] archive() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (CpioArchive archive = new CpioArchive(bytes)) {
            archive.directory("dev");
            archive.characterDevice("dev/console", 5, 1);
            archive.file("init", true, "#!/bin/sh\n".getBytes(StandardCharsets.UTF_8));
            archive.file("odd", false, new byte[] {1, 2, 3});
        }
        return bytes.toByteArray();
    }

    @Test
    void theProgramCpioReadsIt() throws IOException {
        Path file = Files.write(directory.resolve("archive"), archive());
        String listing =
                new ProcessCommandRunner()
                        .run(
                                List.of(
                                        Programs.require("cpio"),
                                        "--list",
                                        "--verbose",
                                        "--numeric-uid-gid",
                                        "--quiet",
                                        "--file=" + file),
                                Duration.ofSeconds(10))
                        .standardOutput();
        assertThat(listing.lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("drwxr-xr-x").endsWith(" dev"),
                        line -> assertThat(line).startsWith("crw-------").contains("5,   1"),
                        line -> assertThat(line).startsWith("-rwxr-xr-x").endsWith(" init"),
                        line ->
                                assertThat(line)
                                        .startsWith("-rw-r--r--   1 0        0               3"));
    }

    @Test
    void equalContentsGiveEqualBytes() throws IOException {
        assertThat(archive()).isEqualTo(archive());
    }
}
