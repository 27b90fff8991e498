package io.virtman.node;

import static io.virtman.node.NodeServiceTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.ImageState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images of disks: who is refused, what stays while they are made, what a restart leaves. */
class NodeSnapshotTest {
    @TempDir private Path directory;
    private NodeScene scene;
    private final CountDownLatch gate = new CountDownLatch(1);

    @BeforeEach
    void begin() throws IOException {
        scene = new NodeScene(directory);
        scene.node.create("vm1", "debian", null);
    }

    @AfterEach
    void end() throws IOException {
        gate.countDown();
        scene.close();
    }

    private void hold() {
        scene.stack.flatten =
                () -> {
                    try {
                        gate.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException("interrupted", e);
                    }
                };
    }

    private ImageState state(ImageRecord image) {
        return scene.volt.image(image.id()).state();
    }

    private Path copies() {
        return directory.resolve("data/copies");
    }

    @Test
    void disksInUseAreRefused() {
        scene.node.export("vm1");
        assertThatThrownBy(() -> scene.node.snapshot("vm1", "golden"))
                .hasMessageContaining("the disk of vm1 is exported");
        assertProblem(Kind.CONFLICT, () -> scene.node.snapshot("vm1", "golden"));
        scene.node.unexport("vm1");
        scene.node.start("vm1", NodeScene.GUEST);
        assertThatThrownBy(() -> scene.node.snapshot("vm1", "golden"))
                .hasMessageContaining("a guest runs on the disk of vm1");
        scene.node.stop("vm1");
        assertProblem(Kind.NOT_FOUND, () -> scene.node.snapshot("vm2", "golden"));
        assertProblem(Kind.INVALID, () -> scene.node.snapshot("vm1", "a/b"));
        assertProblem(Kind.CONFLICT, () -> scene.node.snapshot("vm1", "debian"));
        scene.voltIsAway = true;
        assertProblem(Kind.UNAVAILABLE, () -> scene.node.snapshot("vm1", "golden"));
        scene.voltIsAway = false;
        assertThat(scene.volt.images()).hasSize(1);
        assertThat(copies()).isEmptyDirectory();
    }

    @Test
    void repeatingItAnswersTheSameImage() {
        ImageRecord image = scene.node.snapshot("vm1", "golden");
        scene.node.export("vm1");
        assertThat(scene.node.snapshot("vm1", "golden").id()).isEqualTo(image.id());
        NodeScene.await(() -> state(image) == ImageState.SEALED);
        assertThat(scene.volt.image("golden").size()).isEqualTo(NodeScene.SIZE);
        assertThat(scene.node.snapshot("vm1", "golden").state()).isEqualTo(ImageState.SEALED);
        NodeScene.await(() -> copies().toFile().list().length == 0);
        scene.node.removeSource(image.id());
        scene.node.unexport("vm1");
        assertThat(scene.node.snapshot("vm1", "golden").id()).isNotEqualTo(image.id());
        scene.node.destroy("vm1");
        scene.node.create("vm1", null, 1L << 20); // another VM
        assertProblem(Kind.CONFLICT, () -> scene.node.snapshot("vm1", "golden"));
    }

    @Test
    void theImageBelowStaysWhileItIsRead() {
        hold();
        ImageRecord image = scene.node.snapshot("vm1", "golden");
        scene.node.destroy("vm1");
        assertThat(scene.stack.attached).containsKey(scene.image);
        gate.countDown();
        NodeScene.await(() -> state(image) == ImageState.SEALED);
        NodeScene.await(() -> !scene.stack.attached.containsKey(scene.image));
        assertThat(directory.resolve("data/snapshots")).isEmptyDirectory();
    }

    @Test
    void aRestartInTheMiddleFailsItAndLeavesNothing() throws Exception {
        for (boolean told : new boolean[] {true, false}) {
            hold();
            String name = "golden-" + told;
            ImageRecord image = scene.node.snapshot("vm1", name);
            NodeScene.await(
                    () -> directory.resolve("data/sources/" + image.id()).toFile().exists());
            scene.voltIsAway = !told;
            scene.restart();
            scene.voltIsAway = false;
            NodeScene.await(() -> state(image) == ImageState.FAILED);
            assertThat(copies()).isEmptyDirectory();
            NodeScene.await(() -> directory.resolve("data/sources").toFile().list().length == 0);
            assertThat(scene.node.snapshot("vm1", name).state()).isEqualTo(ImageState.FAILED);
            scene.volt.remove(image.id());
            assertThat(scene.node.snapshot("vm1", name).id()).isNotEqualTo(image.id());
            NodeScene.await(() -> scene.volt.image(name).state() == ImageState.SEALED);
            scene.node.removeSource(scene.volt.image(name).id());
        }
        scene.node.destroy("vm1");
        assertThat(scene.stack.attached).isEmpty();
    }

    @Test
    void tooManyAreRefusedAndLeaveNothing() {
        hold();
        for (int i = 0; i < 66; i++) {
            scene.node.snapshot("vm1", "golden" + i);
        }
        assertProblem(Kind.UNAVAILABLE, () -> scene.node.snapshot("vm1", "more"));
        assertThat(scene.volt.image("more").state()).isEqualTo(ImageState.FAILED);
        assertThat(copies().toFile().list()).hasSize(66);
        gate.countDown();
        NodeScene.await(() -> copies().toFile().list().length == 0);
    }

    @Test
    void oneThatCantBeCopiedOrReadFails() {
        scene.stack.refused.add("vm1");
        assertProblem(Kind.FAILED, () -> scene.node.snapshot("vm1", "golden"));
        assertThat(scene.volt.image("golden").state()).isEqualTo(ImageState.FAILED);
        scene.stack.refused.clear();
        scene.volt.remove("golden");
        scene.stack.flatten =
                () -> {
                    throw new IllegalStateException("no space");
                };
        ImageRecord image = scene.node.snapshot("vm1", "golden");
        NodeScene.await(() -> state(image) == ImageState.FAILED);
        assertThat(scene.volt.image("golden").failure()).contains("no space");
        NodeScene.await(() -> copies().toFile().list().length == 0);
        assertThat(directory.resolve("data/sources")).isEmptyDirectory();
    }
}
