package io.virtman.app.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.virtman.app.Main;
import io.virtman.app.Waiting;
import io.virtman.command.ProcessCommandRunner;
import io.virtman.testkit.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The README's first command, small, as a process of its own: cold, warm, and ended in the middle.
 */
class QuickstartCommandTest {
    private static final Duration RUN = Duration.ofMinutes(8);

    private Path directory = Path.of("");

    @BeforeEach
    void makeDirectoryWithGuestFiles() throws IOException {
        Path shared = Path.of(System.getProperty("java.io.tmpdir"), "virtman-test-guest");
        GuestFiles.provide(new ProcessCommandRunner(), Programs.require("mke2fs"), shared, _ -> {});
        directory = Files.createTempDirectory("vmq"); // short: sockets are made below it
        Files.createDirectory(directory.resolve("t"));
        Path kept = Files.createDirectories(directory.resolve("cache/virtman/quickstart"));
        Files.createSymbolicLink(kept.resolve("guest"), shared);
    }

    @AfterEach
    void removeDirectory() throws IOException {
        processes().forEach(ProcessHandle::destroyForcibly);
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path each : walk.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }

    @Test
    void bootsColdThenWarmAndCleansUpWhenEnded() throws Exception {
        JsonNode cold = run("cold");
        long workingSet = cold.get("workingSetBytes").asLong();
        long guestRead = cold.get("guestReadBytes").asLong();
        assertThat(guestRead).isBetween(10L << 20, 30L << 20);
        assertThat((double) workingSet).isLessThanOrEqualTo(1.5 * guestRead);
        assertThat(cold.get("nodes"))
                .hasSize(3)
                .allSatisfy(node -> {
                    assertThat(node.get("bytesIn").asDouble())
                            .isBetween(0.9 * workingSet, 1.10 * workingSet);
                    assertThat(node.get("parents")).isNotEmpty();
                });
        assertThat(cold.get("nodes").findValues("level"))
                .extracting(JsonNode::asInt)
                .contains(1, 2);
        assertThat(cold.get("originBytesOut").asDouble()).isLessThanOrEqualTo(2.2 * workingSet);
        assertThat(cold.get("bytesSent").asLong()).isEqualTo(cold.get("bytesReceived").asLong());
        assertThat(cold.get("directOriginBytesOut").asDouble()).isGreaterThan(3.0 * guestRead);
        assertThat(cold.get("vms"))
                .hasSize(3)
                .allSatisfy(vm -> assertThat(vm.get("ok").asBoolean()).isTrue());

        JsonNode warm = run("warm");
        assertThat(warm.get("warm").asBoolean()).isTrue();
        assertThat(warm.get("originBytesOut").asLong()).isZero();
        assertThat(warm.get("vms"))
                .hasSize(3)
                .allSatisfy(vm -> assertThat(vm.get("ok").asBoolean()).isTrue());

        Process ended = start("ended");
        long deadline = System.nanoTime() + RUN.toNanos();
        while (processes()
                        .filter(one -> one.info().command().orElse("").contains("qemu-system"))
                        .count()
                < 3) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Waiting.pause(Duration.ofMillis(100));
        }
        ended.destroy();
        assertThat(ended.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertNothingLeft();
    }

    private JsonNode run(String name) throws Exception {
        Process process = start(name);
        assertThat(process.waitFor(RUN.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log(name))).isZero();
        assertNothingLeft();
        return new ObjectMapper().readTree(directory.resolve(name + ".json").toFile());
    }

    private Process start(String name) throws IOException {
        List<String> argv =
                new ArrayList<>(
                        List.of(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-Djava.io.tmpdir=" + directory.resolve("t"),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName(),
                                "quickstart",
                                "--nodes",
                                "3",
                                "--vms",
                                "3",
                                "--keep",
                                "--json",
                                directory.resolve(name + ".json").toString()));
        ProcessBuilder builder =
                new ProcessBuilder(argv)
                        .redirectErrorStream(true)
                        .redirectOutput(log(name).toFile());
        builder.environment().put("XDG_CACHE_HOME", directory.resolve("cache").toString());
        return builder.start();
    }

    private Path log(String name) {
        return directory.resolve(name + ".log");
    }

    private void assertNothingLeft() {
        assertThat(directory.resolve("t")).isEmptyDirectory();
        assertThat(processes()).isEmpty();
    }

    /** Everything that has this test's directory in its arguments. */
    private Stream<ProcessHandle> processes() {
        return ProcessHandle.allProcesses()
                .filter(process -> {
                    try {
                        return Files.readString(
                                        Path.of("/proc", Long.toString(process.pid()), "cmdline"))
                                .contains(directory.toString());
                    } catch (IOException e) {
                        return false; // it ended meanwhile
                    }
                });
    }
}
