package io.virtman.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.testing.StepFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service is killed at every step of creating and destroying, and started again. */
class NodeCrashTest {
    @TempDir private Path directory;

    private interface Work {
        void run() throws Exception;
    }

    @Test
    void killedWhileCreating() throws Exception {
        int kills = 0;
        for (boolean killed = true; killed; kills++) {
            try (NodeScene scene = new NodeScene(directory.resolve("create" + kills))) {
                StepFailure steps = StepFailure.after(kills);
                killed =
                        killed(() -> {
                            scene.restart(steps);
                            scene.node.create("vm1", "debian", null);
                        });
                scene.restart();
                assertWholeOrAbsent(scene, !killed);
            }
        }
        assertThat(kills).as("steps").isGreaterThan(8);
    }

    @Test
    void killedWhileDestroying() throws Exception {
        int kills = 0;
        for (boolean killed = true; killed; kills++) {
            try (NodeScene scene = new NodeScene(directory.resolve("destroy" + kills))) {
                scene.node.create("vm1", "debian", null);
                scene.node.start("vm1", NodeScene.GUEST);
                StepFailure steps = StepFailure.after(kills);
                killed =
                        killed(() -> {
                            scene.restart(steps);
                            scene.node.destroy("vm1");
                        });
                boolean begun = steps.seen().contains("destroy layer") || !killed;
                scene.restart();
                assertWholeOrAbsent(scene, scene.guests.running().containsKey("vm1"));
                assertThat(scene.guests.running().isEmpty() || !begun).isTrue();
            }
        }
        assertThat(kills).as("steps").isGreaterThan(6);
    }

    @Test
    void killedWhileRestarting() throws Exception {
        try (NodeScene scene = new NodeScene(directory)) {
            assertThat(
                            killed(() -> {
                                scene.restart(StepFailure.after(9)); // a layer, and not ready
                                scene.node.create("vm1", "debian", null);
                            }))
                    .isTrue();
            assertThat(scene.stack.layers()).containsExactly("vm1");
            for (int kills = 0; killed(restart(scene, kills)); kills++) {
                assertThat(kills).isLessThan(20);
            }
            scene.restart();
            assertWholeOrAbsent(scene, false);
        }
    }

    private static Work restart(NodeScene scene, int kills) {
        return () -> scene.restart(StepFailure.after(kills));
    }

    private static boolean killed(Work work) throws Exception {
        try {
            work.run();
            return false;
        } catch (StepFailure.Killed e) {
            return true;
        }
    }

    /** And everything works afterwards. */
    private static void assertWholeOrAbsent(NodeScene scene, boolean whole) throws Exception {
        List<String> expected = whole ? List.of("vm1") : List.of();
        assertThat(scene.node.vms()).extracting(VmView::name).isEqualTo(expected);
        assertThat(scene.node.vms())
                .extracting(VmView::state)
                .allMatch(VmRecord.State.READY::equals);
        assertThat(scene.stack.layers()).isEqualTo(expected);
        assertThat(scene.stack.attached.keySet()).isEqualTo(whole ? Set.of(scene.image) : Set.of());
        assertThat(records(scene, "vms")).hasSize(expected.size());
        assertThat(records(scene, "attachments")).hasSize(expected.size());
        if (!whole) {
            assertThat(records(scene, "guests")).isEmpty();
            scene.time.pass(Duration.ofSeconds(10));
            scene.volt.tick();
            assertThat(scene.volt.hierarchy("debian").members()).isEmpty();
        }
        assertThat(scene.node.create("vm1", "debian", null).state())
                .isEqualTo(VmRecord.State.READY);
        assertThat(scene.stack.layers()).containsExactly("vm1");
        scene.node.destroy("vm1");
        assertThat(scene.stack.layers()).isEmpty();
        assertThat(scene.stack.attached).isEmpty();
        assertThat(scene.guests.running()).isEmpty();
    }

    private static List<Path> records(NodeScene scene, String kind) throws Exception {
        try (var files = Files.list(scene.directory.resolve("data").resolve(kind))) {
            return files.toList();
        }
    }
}
