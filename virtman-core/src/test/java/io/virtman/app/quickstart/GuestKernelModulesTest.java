package io.virtman.app.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.command.Busybox;
import io.virtman.command.ProcessCommandRunner;
import io.virtman.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestKernelModulesTest {
    @TempDir Path directory;

    @BeforeEach
    void prepare() throws IOException {
        Files.writeString(
                directory.resolve("modules.builtin"),
                "kernel/fs/ext4/ext4.ko\nkernel/lib/crc-x.ko\n");
        module("virtio_blk", "virtio,virtio_ring");
        module("virtio", "virtio_ring");
        module("virtio_ring", "");
        module("dash-ed", "crc_x,ring-a");
        module("ring-a", "ring-b");
        module("ring-b", "ring-a");
    }

    private void module(String name, String depends) throws IOException {
        Path kernel = Files.createDirectories(directory.resolve("kernel/drivers"));
        Files.write(
                kernel.resolve(name + ".ko"),
                ("\u007fELF\u00ff\0license=GPL\0depends=" + depends + "\0name=" + name + "\0")
                        .getBytes(StandardCharsets.ISO_8859_1));
    }

    private List<String> load(String... names) throws IOException {
        Busybox none = new Busybox(new ProcessCommandRunner(), Path.of("/nonexistent"));
        return List.copyOf(new GuestKernelModules(directory, none).load(List.of(names)).keySet());
    }

    @Test
    void dependenciesLoadFirst() throws IOException {
        assertThat(load("virtio_blk", "ext4", "virtio"))
                .containsExactly("virtio_ring", "virtio", "virtio_blk");
    }

    @Test
    void dashesAreUnderscoresAndCyclesEnd() throws IOException {
        assertThat(load("dash_ed")).containsExactly("ring_b", "ring_a", "dash_ed");
    }

    @Test
    void namesAMissingModule() {
        assertThatThrownBy(() -> load("absent"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("absent");
    }

    @Test
    void aFileWithoutTheKeyHasNoDependencies() {
        assertThat(GuestKernelModules.dependencies(new byte[100])).isEmpty();
    }
}
