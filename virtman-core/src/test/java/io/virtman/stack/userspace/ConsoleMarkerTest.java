package io.virtman.stack.userspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleMarkerTest {
    @TempDir Path directory;

    private Path console;
    private ConsoleMarker marker;

    @BeforeEach
    void prepare() {
        console = directory.resolve("console");
        marker = new ConsoleMarker(console, "READY ");
    }

    private void print(String text) throws IOException {
        Files.write(
                console,
                text.getBytes(StandardCharsets.ISO_8859_1),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    @Test
    void findsTheLineOnlyWhenItIsWhole() throws IOException {
        assertThat(marker.scan()).isEmpty(); // no file yet
        print("booting\r\nnot READY here\nREA");
        assertThat(marker.scan()).isEmpty();
        print("DY web-1");
        assertThat(marker.scan()).isEmpty();
        print("\r\nREADY web-2\n");
        assertThat(marker.scan()).contains("READY web-1");
        assertThat(marker.scan()).contains("READY web-2");
        assertThat(marker.scan()).isEmpty();
    }

    @Test
    void survivesHostileBytes() throws IOException {
        byte[] noise = new byte[300_000];
        new Random(1).nextBytes(noise);
        Files.write(console, noise);
        assertThat(marker.scan()).isEmpty();
        print("\nREADY \u001b[2J\u0000\u00ff" + "x".repeat(1_000_000) + "\nREADY second\n");
        String line = marker.scan().orElseThrow();
        assertThat(line).startsWith("READY ?[2J??xxx").hasSize(ConsoleMarker.LINE_LIMIT);
        assertThat(line).matches("[ -~]*");
        assertThat(marker.scan()).contains("READY second");
    }

    @Test
    void findsWhatAGuestPrintedJustBeforeItsEnd() throws IOException {
        print("READY late\n");
        assertThat(marker.await(Duration.ZERO, () -> false)).isEqualTo("READY late");
    }

    @Test
    void tellsTheEndOfAGuestFromTheEndOfTime() throws IOException {
        print("\u001b[1mKernel panic\n\nnot syncing");
        assertThatThrownBy(() -> marker.await(Duration.ofMinutes(1), () -> false))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> {
                            assertThat(e.kind()).isEqualTo(Kind.FAILED);
                            assertThat(e.detail()).contains("?[1mKernel panic | not syncing");
                        });
        assertThatThrownBy(() -> marker.await(Duration.ofMillis(20), () -> true))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
    }
}
