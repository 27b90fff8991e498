package io.virtman.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.cache.CacheGroup;
import io.virtman.command.ProcessCommandRunner;
import io.virtman.command.QemuImgCreate;
import io.virtman.peer.PeerTimeouts;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.stack.userspace.UserspaceStack;
import io.virtman.testkit.Programs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which disks a node takes for unwritten, with the qcow2 files that QEMU makes. */
class DestroyUnwrittenTest {
    private static final long SIZE = 1 << 20;

    @TempDir private Path directory;
    private final ProcessCommandRunner programs = new ProcessCommandRunner();
    private NodeScene scene;

    @BeforeEach
    void begin() throws IOException {
        scene = new NodeScene(directory);
        scene.restartOn(stack());
        assertThat(scene.node.create("vm1", null, SIZE).written()).isFalse();
    }

    @AfterEach
    void end() throws IOException {
        scene.close();
    }

    /** A stack over the same layers; the last one still has its cache's directory. */
    private UserspaceStack stack() throws IOException {
        return new UserspaceStack(
                CacheGroup.open(Files.createTempDirectory(directory, "cache"), 16 << 20),
                directory.resolve("run"),
                directory.resolve("qcow2"),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new QemuImgCreate(programs),
                PeerTimeouts.standard(),
                (_, _) -> {});
    }

    private Path layer() {
        return Path.of(scene.node.vm("vm1").disk());
    }

    private void assertRefused() {
        assertThatThrownBy(() -> scene.node.destroyUnwritten("vm1"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> {
                            assertThat(problem.kind()).isEqualTo(Kind.CONFLICT);
                            assertThat(problem.detail()).contains("vm1 has been written to");
                        });
        assertThat(scene.node.vms())
                .singleElement()
                .satisfies(vm -> {
                    assertThat(vm.state()).isEqualTo(VmRecord.State.READY);
                    assertThat(vm.written()).isTrue();
                });
    }

    @Test
    void aDiskThatNobodyWroteToGoes() {
        Path layer = layer();
        assertThat(layer).exists();

        scene.node.destroyUnwritten("vm1");

        assertThat(layer).doesNotExist();
        assertThat(scene.node.vms()).isEmpty();
    }

    @Test
    void aDiskWithDataStaysAsItIs() throws Exception {
        Path layer = layer();
        programs.run(
                List.of(
                        Programs.require("qemu-io"),
                        "-f",
                        "qcow2",
                        "-c",
                        "write -P 7 64k 512",
                        layer.toString()),
                Duration.ofSeconds(30));
        byte[] content = Files.readAllBytes(layer);

        assertRefused();

        assertThat(layer).hasBinaryContent(content);
        scene.node.destroy("vm1"); // without a condition
        assertThat(layer).doesNotExist();
    }

    /** Its file may be on a file system that isn't mounted; so the record must not go. */
    @Test
    void aDiskWhoseFileIsMissingIsTakenForWritten() throws Exception {
        Path layer = layer();
        Path elsewhere = Files.move(layer, directory.resolve("elsewhere"));

        assertRefused();
        scene.restartOn(stack());
        assertRefused();
        assertThat(scene.node.create("vm1", null, SIZE).written()).isTrue();
        assertThat(layer).as("no empty one in its place").doesNotExist();

        Files.move(elsewhere, layer);
        assertThat(scene.node.vm("vm1").written()).isFalse();
        scene.node.destroyUnwritten("vm1");
        assertThat(layer).doesNotExist();
    }

    @Test
    void aDiskWhoseFileIsGoneForGoodIsDestroyedWithoutACondition() throws Exception {
        Files.delete(layer());
        assertRefused();

        scene.node.destroy("vm1");

        assertThat(scene.node.vms()).isEmpty();
        assertThat(scene.node.create("vm1", null, SIZE).written()).isFalse();
    }
}
