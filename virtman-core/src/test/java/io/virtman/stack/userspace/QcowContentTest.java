package io.virtman.stack.userspace;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.command.ProcessCommandRunner;
import io.virtman.command.QemuImgCreate;
import io.virtman.testkit.Programs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What QEMU makes, writes and enlarges, and what it would never make. */
class QcowContentTest {
    private static final String BACKING = QcowLayers.backing(Path.of("/none"), "vm");

    @TempDir private Path directory;
    private final ProcessCommandRunner programs = new ProcessCommandRunner();
    private final QemuImgCreate qemuImg = new QemuImgCreate(programs);

    private Path layer(long size) throws IOException {
        Path file = directory.resolve("layer");
        qemuImg.layer(file, BACKING, size);
        return file;
    }

    private void write(Path file, String command) throws IOException {
        String node =
                "driver=qcow2,backing=,file.driver=file,file.filename=" + file; // not the backing
        programs.run(
                List.of(Programs.require("qemu-io"), "--image-opts", "-c", command, node),
                Duration.ofSeconds(30));
    }

    @ParameterizedTest
    @ValueSource(longs = {512, 1 << 20, 536870912, 536871424, 1L << 40, 1L << 45})
    void layersThatNobodyWroteTo(long size) throws Exception {
        Path file = layer(size);
        assertThat(QcowContent.possible(file)).isFalse();
        qemuImg.extend(file, size + (5L << 30));
        qemuImg.extend(file, size + (1L << 42));
        assertThat(QcowContent.possible(file)).isFalse();
        write(file, "write -P 7 " + (size + (1L << 41)) + " 512");
        assertThat(QcowContent.possible(file)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"write -P 1 0 512", "write -z 0 64k", "discard 0 1M"})
    void anyWriteIsSeen(String command) throws Exception {
        Path file = layer(1 << 20);
        write(file, command);
        assertThat(QcowContent.possible(file)).isTrue();
    }

    @Test
    void emptyDisks() throws Exception {
        Path file = directory.resolve("empty");
        qemuImg.empty(file, 20L << 30);
        assertThat(QcowContent.possible(file)).isFalse();
        write(file, "write 19G 4k");
        assertThat(QcowContent.possible(file)).isTrue();
        assertThat(QcowContent.possible(directory.resolve("none"))).isTrue();
    }

    /** One field of a header each; all of these might be data. */
    @ParameterizedTest
    @CsvSource({
        "0, 0x514649fa", // magic
        "4, 1", // version
        "4, 4",
        "20, 8", // bits of a cluster
        "20, 22",
        "20, -1",
        "24, -1", // size
        "24, 0x00ffffff",
        "32, 1", // encryption
        "36, 0", // entries
        "36, -1",
        "36, 0x7fffffff",
        "36, 0x400001",
        "40, 0x7fffffff", // offset of the table
        "40, -1",
        "44, 0",
        "44, 1",
        "44, 0x7fff0000",
        "60, 1", // snapshots
        "72, 1", // features
        "76, 1",
        "76, 4"
    })
    void whatIsOddCounts(int offset, String value) throws Exception {
        Path file = layer(1 << 30);
        byte[] content = Files.readAllBytes(file);
        ByteBuffer.wrap(content).putInt(offset, Long.decode(value).intValue());
        Files.write(file, content);
        assertThat(QcowContent.possible(file)).isTrue();
    }

    @Test
    void filesThatEndEarlyAndNoiseCount() throws Exception {
        byte[] whole = Files.readAllBytes(layer(1 << 30));
        Path file = directory.resolve("cut");
        for (int length : new int[] {0, 1, 79, 80, 4096, whole.length / 2}) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            assertThat(QcowContent.possible(file)).as("%s bytes", length).isTrue();
        }
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            byte[] noise = new byte[512];
            random.nextBytes(noise);
            System.arraycopy(whole, 0, noise, 0, random.nextInt(80)); // never more than the head
            Files.write(file, noise);
            assertThat(QcowContent.possible(file)).isTrue();
        }
    }
}
