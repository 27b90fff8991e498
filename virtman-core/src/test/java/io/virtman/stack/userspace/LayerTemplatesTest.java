package io.virtman.stack.userspace;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.command.ProcessCommandRunner;
import io.virtman.command.QemuImgCreate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies of layers beside what qemu-img makes. */
final class LayerTemplatesTest {
    private static final Path SOCKET = Path.of("/run/virtman/images/an-image.sock");

    @TempDir private Path directory;
    private final LayerTemplates templates = new LayerTemplates();
    private final QemuImgCreate qemuImg = new QemuImgCreate(new ProcessCommandRunner());
    private Path copy = Path.of("");

    @BeforeEach
    void name() {
        copy = directory.resolve("copy");
    }

    private Path made(String vm, long size) throws IOException {
        Path file = directory.resolve(vm + ".qcow2");
        qemuImg.layer(file, QcowLayers.backing(SOCKET, vm), size);
        return file;
    }

    private static LayerTemplates.Key key(String vm, long size) {
        return new LayerTemplates.Key(SOCKET, size, vm.length());
    }

    @ParameterizedTest
    @ValueSource(longs = {512, 25_165_824, 1L << 30, 15L << 30, 1L << 40})
    void aCopyIsWhatQemuImgMakesForThatName(long size) throws IOException {
        templates.learn(key("volume-1", size), made("volume-1", size), "volume-1");

        assertThat(templates.make(key("volume-2", size), copy, "volume-2")).isTrue();

        assertThat(copy).hasSameBinaryContentAs(made("volume-2", size));
        assertThat(QcowContent.possible(copy)).as("written").isFalse();
    }

    @Test
    void nothingIsCopiedForAnotherSizeImageOrLengthOfName() throws IOException {
        templates.learn(key("volume-1", 1 << 20), made("volume-1", 1 << 20), "volume-1");

        assertThat(templates.make(key("volume-2", 1 << 21), copy, "volume-2")).isFalse();
        assertThat(templates.make(key("volume-22", 1 << 20), copy, "volume-22")).isFalse();
        var other = new LayerTemplates.Key(Path.of("/other.sock"), 1 << 20, 8);
        assertThat(templates.make(other, copy, "volume-2")).isFalse();
        assertThat(copy).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "e", "nbd", "unix"})
    void aNameThatStandsThereTwiceIsNotLearned(String name) throws IOException {
        templates.learn(key(name, 1 << 20), made(name, 1 << 20), name);

        assertThat(templates.make(key(name, 1 << 20), copy, name)).isFalse();
    }

    @Test
    void aVeryLargeLayerIsNotKept() throws IOException {
        Path large = directory.resolve("large");
        Files.write(large, new byte[(1 << 20) + 1]);

        templates.learn(key("volume-1", 1), large, "volume-1");

        assertThat(templates.make(key("volume-1", 1), copy, "volume-1")).isFalse();
    }
}
