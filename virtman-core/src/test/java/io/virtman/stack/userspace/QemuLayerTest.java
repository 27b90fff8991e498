package io.virtman.stack.userspace;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.command.ProcessCommandRunner;
import io.virtman.stack.AttachedImage;
import io.virtman.testing.TestImage;
import io.virtman.testkit.Programs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real QEMU programs on a qcow2 layer: layer, Unix socket, cache, TCP, origin; also across restarts
 * of the service between.
 */
@Timeout(90)
class QemuLayerTest {
    private static final int SIZE = 3 << 20;
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    @TempDir Path directory;
    private TestImage image = TestImage.NONE;
    private final ProcessCommandRunner runner = new ProcessCommandRunner();

    @BeforeEach
    void makeImage() throws IOException {
        image = TestImage.sparse(directory.resolve("image"), SIZE, 1);
    }

    private void convertAndCompare(Path layer, long size) throws IOException {
        Path raw = directory.resolve("converted");
        runner.run(
                List.of(
                        Programs.require("qemu-img"),
                        "convert",
                        "-f",
                        "qcow2",
                        "-O",
                        "raw",
                        layer.toString(),
                        raw.toString()),
                DEADLINE);
        byte[] converted = Files.readAllBytes(raw);
        byte[] expected = Arrays.copyOf(image.content(), (int) size);
        assertThat(converted).hasSameSizeAs(expected);
        assertThat(Arrays.mismatch(converted, expected)).isEqualTo(-1);
    }

    @Test
    void aLayerReadsAsTheImage() throws Exception {
        try (StackScene origin = new StackScene(directory.resolve("origin"));
                StackScene host = new StackScene(directory.resolve("host"));
                AttachedImage _ = origin.origin("img", image);
                AttachedImage member = host.member("img", image, 1, origin)) {
            convertAndCompare(host.stack.createLayer("vm0", member, SIZE), SIZE);
            // a larger disk reads as zeroes behind the image
            convertAndCompare(host.stack.createLayer("vm1", member, SIZE + 65536), SIZE + 65536);
            assertThat(member.footprint("vm0").guestBytes()).isPositive();
            assertThat(member.traffic().bytesInByParent().getOrDefault("host0", 0L))
                    .isBetween(1L, SIZE * 11L / 10);
        }
        // the layers stay over a restart of the service, and the cache is warm
        try (StackScene host = new StackScene(directory.resolve("host"));
                AttachedImage member = host.member("img", image, 1)) {
            convertAndCompare(host.stack.createLayer("vm0", member, SIZE), SIZE);
            assertThat(member.traffic().bytesInByParent()).isEmpty();
        }
    }

    /** One qemu-io, as a guest would be, with the disk open all the time. */
    private static final class QemuIo implements AutoCloseable {
        private final Process process;
        private final Writer commands;
        private final BufferedReader answers;

        QemuIo(Path layer) throws IOException {
            process =
                    new ProcessBuilder(Programs.require("qemu-io"), "-f", "qcow2", layer.toString())
                            .redirectErrorStream(true)
                            .start();
            commands = process.outputWriter();
            answers = process.inputReader();
        }

        void send(String command) throws IOException {
            commands.write(command + "\n");
            commands.flush();
        }

        /** The hex dump of {@code read -v}, or an error line. */
        List<String> answer() throws IOException {
            List<String> lines = new ArrayList<>();
            String line = answers.readLine();
            while (line != null && !line.contains(" ops; ") && !line.contains("failed")) {
                lines.add(line);
                line = answers.readLine();
            }
            lines.add(String.valueOf(line));
            return lines;
        }

        void requireBytes(TestImage image, int offset, int length) throws IOException {
            List<String> expected = new ArrayList<>();
            for (int at = offset; at < offset + length; at += 16) {
                StringBuilder hex = new StringBuilder("%08x: ".formatted(at));
                for (byte one : image.bytes(at, 16)) {
                    hex.append(" %02x".formatted(one));
                }
                expected.add(hex.toString());
            }
            List<String> dumped =
                    answer().stream()
                            .map(line -> line.replace("qemu-io> ", ""))
                            .filter(line -> line.matches("[0-9a-f]{8}:.*"))
                            .map(line -> line.substring(0, 58).stripTrailing())
                            .toList();
            assertThat(dumped).isEqualTo(expected);
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    /** What is read while the service is away waits, and is then right. */
    @Test
    void qemuGoesOnAfterARestartOfTheService() throws Exception {
        try (StackScene origin = new StackScene(directory.resolve("origin"));
                AttachedImage _ = origin.origin("img", image)) {
            StackScene host = new StackScene(directory.resolve("host"));
            AttachedImage member = host.member("img", image, 1, origin);
            try (QemuIo guest = new QemuIo(host.stack.createLayer("vm", member, SIZE))) {
                guest.send("read -v 0 64");
                guest.requireBytes(image, 0, 64);
                for (int round = 1; round <= 2; round++) {
                    int offset = round * 1_000_448;
                    member.close();
                    host.close();
                    guest.send("read -v " + offset + " 4096");
                    host = new StackScene(directory.resolve("host"));
                    member = host.member("img", image, 1, origin);
                    guest.requireBytes(image, offset, 4096);
                }
                guest.send("write -P 7 4096 4096");
                assertThat(guest.answer().getLast()).contains(" ops; ");
                guest.send("read -P 7 4096 4096");
                assertThat(guest.answer().toString()).doesNotContain("failed");
            } finally {
                member.close();
                host.close();
            }
        }
    }
}
