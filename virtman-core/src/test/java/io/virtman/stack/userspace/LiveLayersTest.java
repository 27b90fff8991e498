package io.virtman.stack.userspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.stack.LayerExports.State;
import io.virtman.testkit.Await;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Layers exported by real daemons through the kernel's FUSE: content, crashes, what stays. */
@Timeout(90)
class LiveLayersTest {
    private static final int SIZE = LiveScene.SIZE;

    @TempDir private Path directory;
    private LiveScene scene;

    @BeforeEach
    void begin() throws IOException {
        scene = new LiveScene(directory);
    }

    @AfterEach
    void end() throws Exception {
        scene.close();
    }

    @Test
    void anExportReadsAsTheImageAndKeepsWrites() throws Exception {
        Path file = scene.export("vm");
        assertThat(file).isEqualTo(directory.resolve("exports/vm/disk"));
        assertThat(LiveScene.read(file, 0, SIZE)).isEqualTo(scene.image.content());
        LiveScene.write(file, 70_000, new byte[] {1, 2, 3});
        assertThat(scene.run("qemu-img", "info", "-f", "raw", file.toString()))
                .contains("file format: raw", "(" + SIZE + " bytes)");
        assertThat(
                        scene.run(
                                "qemu-io",
                                "-f",
                                "raw",
                                "-t",
                                "none",
                                "-c",
                                "write -P 9 1M 64k",
                                "-c",
                                "flush",
                                "-c",
                                "read -P 9 1M 64k",
                                file.toString()))
                .doesNotContain("failed");
        assertThat(scene.layers.start("vm", scene.stack.stack.layer("vm"))).isEqualTo(file);
        scene.layers.stop("vm");
        scene.layers.stop("vm");
        assertThat(scene.layers.state("vm")).isEqualTo(new State.Absent());
        assertThat(scene.leftovers()).isEmpty();
        assertThatThrownBy(() -> LiveScene.read(file, 0, 1))
                .isInstanceOf(NoSuchFileException.class);
        scene.exportAgain("vm");
        assertThat(LiveScene.read(file, 70_000, 4))
                .isEqualTo(new byte[] {1, 2, 3, scene.image.content()[70_003]});
        assertThat(LiveScene.read(file, 1 << 20, 65536)).containsOnly(9);
        assertThat(scene.deaths).isEmpty();
    }

    /** QEMU's FUSE export loses writes that are under way together; ours must not. */
    @Test
    void writesUnderWayTogetherAreAllThere() throws Exception {
        scene.stack.stack.createEmptyLayer("vm", 32 << 20);
        Path file = scene.exportAgain("vm");
        for (List<String> how :
                List.of(
                        List.of("--ioengine=libaio", "--iodepth=32", "--bs=4k"),
                        List.of("--ioengine=io_uring", "--iodepth=16", "--bs=64k"),
                        List.of("--ioengine=psync", "--bs=4M"),
                        List.of(
                                "--ioengine=psync",
                                "--bs=4k",
                                "--thread",
                                "--numjobs=8",
                                "--size=2M",
                                "--offset_increment=2M"))) {
            List<String> arguments =
                    new ArrayList<>(
                            List.of(
                                    "--name=verify",
                                    "--filename=" + file,
                                    "--rw=randwrite",
                                    "--direct=1",
                                    "--size=16M",
                                    "--verify=crc32c",
                                    "--verify_fatal=1"));
            arguments.addAll(how);
            assertThat(scene.run("fio", arguments.toArray(String[]::new))).contains("err= 0");
        }
    }

    @Test
    void aKilledDaemonCostsAPowerCutAndIsReported() throws Exception {
        Path file = scene.export("vm");
        byte[] flushed = new byte[300_000];
        Arrays.fill(flushed, (byte) 5);
        FileChannel guest = FileChannel.open(file, StandardOpenOption.WRITE);
        try {
            LiveScene.write(file, 1_000_000, flushed);
            scene.daemon("vm").destroyForcibly();
            Await.until(() -> !scene.deaths.isEmpty());
            assertThat(scene.layers.state("vm")).isInstanceOf(State.Failed.class);
            assertThat(scene.deaths).singleElement().asString().contains("vm: its storage daemon");
            assertThatThrownBy(() -> LiveScene.read(file, 0, 1)).isInstanceOf(IOException.class);
            assertThat(scene.exportAgain("vm")).isEqualTo(file);
            assertThat(LiveScene.read(file, 1_000_000, flushed.length)).isEqualTo(flushed);
            assertThat(LiveScene.read(file, 0, 1_000_000))
                    .isEqualTo(Arrays.copyOf(scene.image.content(), 1_000_000));
            // who had it open has lost it for good
            assertThatThrownBy(() -> guest.size()).isInstanceOf(IOException.class);
        } finally {
            assertThatThrownBy(guest::close).isInstanceOf(IOException.class);
        }
    }

    /** What is under the mount is an empty file, and root may open everything. */
    @Test
    void nobodyEverOpensThePlaceholder() throws Exception {
        Path file = scene.layers.path("vm");
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger opened = new AtomicInteger();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> opener =
                    threads.submit(() -> {
                        while (!over.get()) {
                            try (FileChannel channel = FileChannel.open(file)) {
                                if (channel.size() != SIZE) {
                                    return false;
                                }
                                opened.incrementAndGet();
                            } catch (IOException e) {
                                Thread.onSpinWait(); // not there, or its daemon is dead
                            }
                        }
                        return true;
                    });
            scene.export("vm");
            for (int round = 0; round < 4; round++) {
                int before = opened.get();
                Await.until(() -> opened.get() > before || opener.isDone());
                if (round % 2 == 0) {
                    scene.daemon("vm").destroyForcibly();
                    Await.until(() -> scene.layers.state("vm") instanceof State.Failed);
                } else {
                    scene.layers.stop("vm");
                }
                scene.exportAgain("vm");
            }
            over.set(true);
            assertThat(opener.get()).as("only whole disks were opened").isTrue();
        }
        assertThat(opened).hasPositiveValue();
    }

    @Test
    void twentyAtOnce() throws Exception {
        List<Future<Path>> files = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                String vm = "vm" + i;
                files.add(threads.submit(() -> scene.export(vm)));
            }
        }
        for (int i = 0; i < 20; i++) {
            Path file = files.get(i).get();
            assertThat(LiveScene.read(file, i * 4096L, 4096))
                    .isEqualTo(scene.image.bytes(i * 4096L, 4096));
        }
        List<Future<?>> stopped = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                String vm = "vm" + i;
                stopped.add(
                        threads.submit(() -> {
                            scene.layers.stop(vm);
                            return vm;
                        }));
            }
        }
        for (Future<?> one : stopped) {
            one.get();
        }
        assertThat(scene.leftovers()).isEmpty();
    }

    @Test
    void layersMayBeLargerEmptyAndExtended() throws Exception {
        scene.create("large", SIZE + 65536);
        Path large = scene.exportAgain("large");
        assertThat(LiveScene.read(large, SIZE - 4096, 4096 + 65536))
                .startsWith(scene.image.bytes(SIZE - 4096, 4096))
                .endsWith(new byte[65536]);
        assertThatThrownBy(() -> scene.stack.stack.extendLayer("large", 2L * SIZE))
                .isInstanceOf(IOException.class); // it is in use
        LiveScene.write(large, SIZE, new byte[] {7});
        scene.layers.stop("large");
        scene.stack.stack.extendLayer("large", 2L * SIZE);
        scene.stack.stack.extendLayer("large", 2L * SIZE);
        scene.exportAgain("large");
        assertThat(Files.size(large)).isEqualTo(2L * SIZE);
        assertThat(LiveScene.read(large, SIZE, 1)).containsOnly(7);
        assertThat(LiveScene.read(large, SIZE + 1, SIZE - 1)).containsOnly(0);
        scene.stack.stack.createEmptyLayer("empty", 1 << 20);
        Path empty = scene.exportAgain("empty");
        assertThat(LiveScene.read(empty, 0, 1 << 20)).containsOnly(0);
        LiveScene.write(empty, 5, new byte[] {1});
        assertThat(LiveScene.read(empty, 4, 3)).containsExactly(0, 1, 0);
    }
}
