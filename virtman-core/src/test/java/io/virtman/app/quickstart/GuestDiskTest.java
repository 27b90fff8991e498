package io.virtman.app.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.command.ProcessCommandRunner;
import io.virtman.problem.ProblemException;
import io.virtman.testkit.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestDiskTest {
    @TempDir Path tree;

    private void file(String name, byte[] content) throws IOException {
        Path file = tree.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    @Test
    void checksProgramsAndLargerLibraryFiles() throws IOException {
        file("bin/bash", "abc".getBytes(StandardCharsets.US_ASCII));
        file("usr/share/perl/5.36.0/large.pl", new byte[40_000]);
        file("usr/share/perl/5.36.0/small.pl", new byte[100]);
        file("usr/share/doc/large", new byte[40_000]);
        Files.createSymbolicLink(tree.resolve("usr/share/perl/5.36"), Path.of("5.36.0"));
        assertThat(GuestDisk.checksums(tree).lines())
                .satisfiesExactly(
                        line ->
                                assertThat(line)
                                        .isEqualTo(
                                                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
                                                        + "  /bin/bash"),
                        line -> assertThat(line).endsWith("  /usr/share/perl/5.36.0/large.pl"));
    }

    @Test
    void theProgramSha256sumAgrees() throws IOException {
        byte[] content = new byte[100_000];
        content[99_999] = 1;
        file("usr/bin/perl", content);
        String theirs =
                new ProcessCommandRunner()
                        .run(
                                List.of(
                                        Programs.require("sha256sum"),
                                        tree.resolve("usr/bin/perl").toString()),
                                Duration.ofSeconds(10))
                        .standardOutput();
        assertThat(GuestDisk.checksums(tree)).startsWith(theirs.substring(0, 64));
    }

    @Test
    void refusesATreeWithNothingToCheck() {
        assertThatThrownBy(() -> GuestDisk.checksums(tree)).isInstanceOf(ProblemException.class);
    }
}
