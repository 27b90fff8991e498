package io.virtman.node;

import static io.virtman.node.NodeServiceTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.ImageState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node as the origin of images. */
class NodeImportTest {
    @TempDir private Path directory;
    private NodeScene scene;
    private Path file;

    @BeforeEach
    void begin() throws IOException {
        scene = new NodeScene(directory);
        file = directory.resolve("disk.raw");
        byte[] bytes = new byte[300_000];
        new Random(7).nextBytes(bytes);
        Files.write(file, bytes);
    }

    @AfterEach
    void end() throws IOException {
        scene.close();
    }

    private Path sources(String id) {
        return directory.resolve("data/sources").resolve(id);
    }

    @Test
    void anOriginHostsVmsAndKeepsItsSourceWhileUsed() throws Exception {
        ImageRecord image = scene.importImage("own", file);
        assertThat(image.state()).isEqualTo(ImageState.SEALED);
        scene.node.create("vm1", "own", null);
        assertProblem(Kind.CONFLICT, () -> scene.node.removeSource(image.id()));
        scene.voltIsAway = true;
        scene.restart();
        assertThat(scene.stack.attached.get(image.id())).isNotNull();
        assertThat(scene.node.vm("vm1").size()).isEqualTo(300_032);
        scene.node.destroy("vm1");
        assertThat(scene.stack.attached).as("others read it").containsKey(image.id());
        assertProblem(Kind.UNAVAILABLE, () -> scene.node.removeSource(image.id()));
        scene.voltIsAway = false;
        scene.volt.join(image.id(), NodeScene.address("child"));
        assertProblem(Kind.CONFLICT, () -> scene.node.removeSource(image.id()));
        assertThat(sources(image.id())).exists();
        scene.volt.leave(image.id(), "child");
        scene.node.removeSource(image.id());
        scene.node.removeSource(image.id());
        assertThat(sources(image.id())).doesNotExist();
        assertThat(scene.stack.attached).isEmpty();
    }

    @Test
    void importsThatAreRefusedTakeNoName() {
        assertProblem(Kind.INVALID, () -> scene.node.importImage("..", "/x", "raw"));
        assertProblem(Kind.INVALID, () -> scene.node.importImage("a", "x", "raw"));
        assertProblem(Kind.INVALID, () -> scene.node.importImage("a", "/\u0000", "raw"));
        assertProblem(Kind.INVALID, () -> scene.node.importImage("a", "/", "raw"));
        assertProblem(Kind.NOT_FOUND, () -> scene.node.importImage("a", "/nothing", "raw"));
        assertProblem(Kind.INVALID, () -> scene.node.importImage("a", file.toString(), "vmdk"));
        assertProblem(
                Kind.CONFLICT, () -> scene.node.importImage("debian", file.toString(), "raw"));
        assertThat(scene.volt.images()).hasSize(1);
    }

    @Test
    void anImportThatFailsSaysWhyAndLeavesNothing() throws Exception {
        Path empty = Files.createFile(directory.resolve("empty"));
        String id = scene.node.importImage("bad", empty.toString(), "raw").id();
        NodeScene.await(() -> scene.volt.image(id).state() == ImageState.FAILED);
        assertThat(scene.volt.image(id).failure()).contains("is empty");
        assertThat(sources(id)).doesNotExist();
        assertProblem(Kind.CONFLICT, () -> scene.node.create("vm1", "bad", null));
        assertProblem(Kind.NOT_FOUND, () -> scene.node.importProgress(id));
    }

    @Test
    void anImportThatARestartCutShortIsSettled() throws Exception {
        ImageRecord whole = scene.importImage("whole", file);
        Files.delete(directory.resolve("data/attachments").resolve(whole.id() + ".json"));
        ImageRecord lost = scene.volt.add("lost", "member", "raw");
        Files.createDirectories(sources(lost.id()).resolve(".importing"));
        ImageRecord finished = scene.volt.add("finished", "member", "raw");
        copy(sources(whole.id()), sources(finished.id()));
        ImageRecord foreign = scene.volt.add("foreign", "elsewhere", "raw");
        scene.restart();
        NodeScene.await(() -> scene.volt.image("lost").state() == ImageState.FAILED);
        assertThat(scene.volt.image("lost").failure()).contains("cut short");
        assertThat(sources(lost.id())).doesNotExist();
        NodeScene.await(() -> scene.volt.image("finished").state() == ImageState.SEALED);
        assertThat(scene.volt.image("finished").digest()).isEqualTo(whole.digest());
        NodeScene.await(() -> scene.stack.attached.containsKey(whole.id()));
        assertThat(scene.stack.attached).containsKey(finished.id());
        assertThat(scene.volt.image(foreign.id()).state()).isEqualTo(ImageState.IMPORTING);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (Path one : files.toList()) {
                Files.copy(one, to.resolve(one.getFileName()));
            }
        }
    }

    @Test
    void anImportFinishedWhileVoltWasAwayIsSealedLater() {
        for (int round = 0; round < 5; round++) {
            String name = "late" + round;
            String id = scene.node.importImage(name, file.toString(), "raw").id();
            scene.voltIsAway = true; // before, while or after it is sealed
            NodeScene.await(() -> scene.stack.attached.containsKey(id));
            scene.voltIsAway = false;
            NodeScene.await(() -> scene.volt.image(id).state() != ImageState.IMPORTING);
            assertThat(scene.volt.image(id).state()).isEqualTo(ImageState.SEALED);
        }
    }

    @Test
    void importsBegunWhileTheServiceStartsAreNotFailed() throws Exception {
        for (int round = 0; round < 5; round++) {
            scene.restart(); // its first heartbeat comes at once
            ImageRecord image = scene.importImage("image" + round, file);
            assertThat(image.state()).isEqualTo(ImageState.SEALED);
        }
    }
}
