package io.virtman.stack.userspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.command.Mounts;
import io.virtman.command.ProcessCommandRunner;
import io.virtman.command.QemuImgCreate;
import io.virtman.command.QemuStorageDaemon;
import io.virtman.problem.ProblemException;
import io.virtman.stack.LayerExports.State;
import io.virtman.testkit.Await;
import io.virtman.testkit.Programs;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What exported layers do while something else is away, and who takes them over. */
@Timeout(90)
class LiveLayerOutageTest {
    private static final int CHUNK = 64 << 10;

    @TempDir private Path directory;

    private static byte[] expected(LiveScene scene, int chunk) {
        return scene.image.bytes((long) chunk * CHUNK, CHUNK);
    }

    private static byte[] read(Path file, int chunk) throws IOException {
        return LiveScene.read(file, (long) chunk * CHUNK, CHUNK);
    }

    private static void requireWaiting(Future<?> read, int seconds) {
        assertThatThrownBy(() -> read.get(seconds, TimeUnit.SECONDS))
                .isInstanceOf(TimeoutException.class);
    }

    @Test
    void readsWaitForTheServiceAndAreThenRight() throws Exception {
        try (LiveScene scene = new LiveScene(directory);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Path file = scene.export("vm");
            LiveScene.write(file, 0, new byte[] {1});
            scene.leave();
            assertThat(LiveScene.read(file, 0, 1)).containsExactly(1); // its own
            Future<byte[]> read = threads.submit(() -> read(file, 9));
            requireWaiting(read, 10);
            scene.comeBack();
            assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(expected(scene, 9));
            scene.exportAgain("vm");
            assertThat(LiveScene.read(file, 0, 1)).containsExactly(1);
        }
    }

    @Test
    void afterAnOutageBeyondTheDelayReadsFailAndLaterWorkAgain() throws Exception {
        try (LiveScene scene = new LiveScene(directory)) {
            Path layer = scene.create("vm", LiveScene.SIZE);
            Path impatient = layer.resolveSibling("impatient");
            String backing = QcowLayers.backing(scene.stack.socket("img"), "vm");
            new QemuImgCreate(scene.programs)
                    .layer(
                            impatient,
                            backing.replace("-delay\":3600", "-delay\":1"),
                            LiveScene.SIZE);
            Files.move(impatient, layer, StandardCopyOption.REPLACE_EXISTING);
            Path file = scene.exportAgain("vm");
            long daemon = scene.processId("vm");
            scene.leave();
            assertThatThrownBy(() -> read(file, 3)).isInstanceOf(IOException.class);
            scene.comeBack();
            AtomicReference<byte @Nullable []> read = new AtomicReference<>();
            Await.until(() -> { // QEMU tries again after pauses that grow
                read.set(readOrNull(file, 3));
                return read.get() != null;
            });
            assertThat(read.get()).isEqualTo(expected(scene, 3));
            scene.exportAgain("vm");
            assertThat(scene.processId("vm")).isEqualTo(daemon);
        }
    }

    private static byte @Nullable [] readOrNull(Path file, int chunk) {
        try {
            return read(file, chunk);
        } catch (IOException e) {
            return null;
        }
    }

    @Test
    void withoutParentsExportsAreMadeAndReadsWait() throws Exception {
        try (LiveScene scene = new LiveScene(directory);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Path file = scene.export("vm");
            assertThat(read(file, 0)).isEqualTo(expected(scene, 0));
            scene.layers.stop("vm");
            scene.leave();
            scene.comeBack(new StackScene[0]); // it knows no parent
            scene.exportAgain("vm");
            assertThat(read(file, 0)).isEqualTo(expected(scene, 0)); // from its cache
            Future<byte[]> read = threads.submit(() -> read(file, 5));
            requireWaiting(read, 1);
            // a daemon that waits is taken over all the same
            scene.layers.close();
            scene.exportAgain("vm");
            assertThat(scene.layers.state("vm")).isInstanceOf(State.Exported.class);
            scene.findOrigin();
            assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(expected(scene, 5));
        }
    }

    /** kill -9 of the JVM costs nothing. */
    @Test
    void anotherServiceTakesOverWhatAKilledOneExported() throws Exception {
        Process first = LiveLayerProcess.start(directory);
        Path file;
        long daemon;
        try (BufferedReader said = first.inputReader(StandardCharsets.UTF_8)) {
            file = Path.of(String.valueOf(said.readLine()));
            daemon = Long.parseLong(String.valueOf(said.readLine()));
            LiveScene.write(file, 0, new byte[] {1, 2});
        } finally {
            first.destroyForcibly().waitFor();
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            assertThat(LiveScene.read(file, 0, 2)).containsExactly(1, 2);
            LiveScene.write(file, 2, new byte[] {3});
            Future<byte[]> miss = threads.submit(() -> read(file, 20));
            requireWaiting(miss, 1);
            try (LiveScene scene = new LiveScene(directory)) {
                assertThat(scene.exportAgain("vm")).isEqualTo(file);
                assertThat(scene.processId("vm")).isEqualTo(daemon);
                assertThat(miss.get(20, TimeUnit.SECONDS)).isEqualTo(expected(scene, 20));
                assertThat(LiveScene.read(file, 0, 3)).containsExactly(1, 2, 3);
                scene.daemon("vm").destroyForcibly(); // not a child of ours: seen later
                scene.layers.stop("vm");
            }
        }
    }

    /** As every process between two programs, only for longer than a look at it takes. */
    @Test
    void aDaemonWhoseArgumentsCantBeSeenYetIsWaitedFor() throws Exception {
        Path slow = directory.resolve("slow");
        Files.writeString(
                slow,
                """
                #!/bin/bash
                printf '%%s\\0' "$@" > "$0.arguments"
                exec bash -c 'sleep 0.5; mapfile -d "" -t all < "$0.arguments"; exec %s "${all[@]}"' "$0"
                """
                        .formatted(Programs.require("qemu-storage-daemon")));
        Files.setPosixFilePermissions(slow, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (LiveScene scene = new LiveScene(directory);
                LiveLayers layers =
                        new LiveLayers(
                                new QemuStorageDaemon(scene.programs, slow.toString()),
                                scene.mounts,
                                directory.resolve("exports"),
                                directory.resolve("run"))) {
            Path file = layers.start("vm", scene.create("vm", LiveScene.SIZE));
            assertThat(read(file, 1)).isEqualTo(expected(scene, 1));
            layers.stop("vm");
            assertThat(scene.leftovers()).isEmpty();
        }
    }

    @Test
    void strangersAreLeftAlone() throws Exception {
        Process stranger = new ProcessBuilder("sleep", "60").start();
        try (LiveScene scene = new LiveScene(directory)) {
            Files.writeString(directory.resolve("run/vm.pid"), stranger.pid() + "\n");
            scene.export("vm");
            scene.layers.stop("vm");
            Files.writeString(directory.resolve("run/vm.pid"), stranger.pid() + "\n");
            scene.layers.stop("vm");
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }

    @Test
    void whatCannotBeExportedIsSaidAndLeavesNothing() throws Exception {
        try (LiveScene scene = new LiveScene(directory)) {
            for (String content : List.of("", "no qcow2 at all", "x".repeat(4096))) {
                Path none = Files.writeString(directory.resolve("none"), content);
                assertThatThrownBy(() -> scene.layers.start("vm", none))
                        .isInstanceOf(ProblemException.class)
                        .hasMessageContaining("is no layer");
            }
            Path broken = Files.write(directory.resolve("broken"), brokenLayer());
            assertThatThrownBy(() -> scene.layers.start("vm", broken))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("nsupported qcow2 version");
            assertThat(scene.layers.state("vm")).isEqualTo(new State.Absent());
            assertThat(scene.leftovers()).isEmpty();
        }
    }

    /** It has the magic number and a version that is none. */
    private static byte[] brokenLayer() {
        byte[] content = new byte[4096];
        content[0] = 'Q';
        content[1] = 'F';
        content[2] = 'I';
        content[3] = (byte) 0xfb;
        content[7] = 99;
        return content;
    }

    @Test
    void othersThanRootNeedTheirHostsLeave() throws Exception {
        Path configuration = directory.resolve("fuse.conf");
        ExportFolder folder =
                new ExportFolder(
                        directory.resolve("e"),
                        new Mounts(new ProcessCommandRunner()),
                        false,
                        configuration);
        for (List<String> lines : List.of(List.<String>of(), List.of("#user_allow_other"))) {
            Files.write(configuration, lines);
            assertThatThrownBy(folder::prepare)
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("user_allow_other");
        }
        Files.write(configuration, List.of("# comment", " user_allow_other "));
        assertThatThrownBy(folder::prepare).hasMessageContaining("memory file system");
    }
}
