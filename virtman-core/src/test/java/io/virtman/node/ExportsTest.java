package io.virtman.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.testing.StepFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks offered as files, over a fake stack and fake exports. */
class ExportsTest {
    @TempDir private Path directory;
    private NodeScene scene;

    @BeforeEach
    void begin() throws IOException {
        scene = new NodeScene(directory);
    }

    @AfterEach
    void end() throws IOException {
        scene.close();
    }

    private VmView.ExportView exported(String vm) {
        return Objects.requireNonNull(scene.node.vm(vm).export());
    }

    private static void assertProblem(Kind kind, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.kind()).isEqualTo(kind));
    }

    @Test
    void exportingIsRepeatableAndEndsWithItsVm() throws Exception {
        scene.node.create("vm1", "debian", null);
        assertThat(scene.node.vm("vm1").export()).isNull();
        VmView view = scene.node.export("vm1");
        assertThat(view.export())
                .isEqualTo(
                        new VmView.ExportView(
                                ExportState.EXPORTED,
                                directory.resolve("exports/vm1/disk").toString(),
                                null));
        assertThat(scene.node.export("vm1")).isEqualTo(view);
        assertThat(scene.node.create("vm1", "debian", null)).isEqualTo(view);
        assertThat(scene.exports.starts).hasValue(1);
        assertThat(scene.exports.owners()).containsEntry("vm1", scene.stack.layer("vm1"));
        assertThat(scene.node.unexport("vm1").export()).isNull();
        assertThat(scene.node.unexport("vm1").export()).isNull();
        assertThat(scene.exports.owners()).isEmpty();
        assertThat(scene.stack.layers()).containsExactly("vm1");
        scene.node.export("vm1");
        scene.node.destroy("vm1");
        assertThat(scene.exports.owners()).isEmpty();
        assertThat(scene.stack.layers()).isEmpty();
    }

    @Test
    void whatContradictsIsRefused() {
        assertProblem(Kind.NOT_FOUND, () -> scene.node.export("vm1"));
        assertProblem(Kind.NOT_FOUND, () -> scene.node.unexport("vm1"));
        assertProblem(Kind.INVALID, () -> scene.node.export("../x"));
        assertProblem(Kind.INVALID, () -> scene.node.extend("../x", 512));
        scene.node.create("vm1", "debian", null);
        scene.node.start("vm1", NodeScene.GUEST);
        assertProblem(Kind.CONFLICT, () -> scene.node.export("vm1"));
        assertProblem(Kind.CONFLICT, () -> scene.node.extend("vm1", 4 << 20));
        scene.node.stop("vm1");
        scene.node.export("vm1");
        assertProblem(Kind.CONFLICT, () -> scene.node.start("vm1", NodeScene.GUEST));
        assertProblem(Kind.CONFLICT, () -> scene.node.extend("vm1", 4 << 20));
        assertThat(scene.node.extend("vm1", NodeScene.SIZE).size()).isEqualTo(NodeScene.SIZE);
    }

    @Test
    void writtenIsSaidOfDisksInUseAndOfThoseThatWere() {
        assertThat(scene.node.create("vm1", "debian", null).written()).isFalse();
        assertThat(scene.node.export("vm1").written()).isTrue(); // somebody may be at it
        assertThat(scene.node.unexport("vm1").written()).isFalse();
        assertThat(scene.node.start("vm1", NodeScene.GUEST).written()).isTrue();
        assertThat(scene.node.stop("vm1").written()).isFalse();
        scene.stack.written.add("vm1");
        assertThat(scene.node.vm("vm1").written()).isTrue();
    }

    @Test
    void onlyADiskThatHoldsNothingIsDestroyedUnwritten() throws Exception {
        scene.node.destroyUnwritten("vm1"); // there is none
        assertProblem(Kind.INVALID, () -> scene.node.destroyUnwritten("../x"));
        scene.node.create("vm1", "debian", null);
        scene.node.export("vm1");
        assertProblem(Kind.CONFLICT, () -> scene.node.destroyUnwritten("vm1"));
        assertThat(exported("vm1").state()).isEqualTo(ExportState.EXPORTED);
        scene.node.unexport("vm1");
        scene.node.start("vm1", NodeScene.GUEST);
        assertProblem(Kind.CONFLICT, () -> scene.node.destroyUnwritten("vm1"));
        assertThat(scene.guests.running()).hasSize(1);
        scene.node.stop("vm1");
        scene.stack.written.add("vm1");
        assertProblem(Kind.CONFLICT, () -> scene.node.destroyUnwritten("vm1"));
        assertThat(scene.node.vm("vm1").state()).isEqualTo(VmRecord.State.READY);
        assertThat(scene.stack.layers()).containsExactly("vm1");
        scene.stack.written.clear();
        scene.node.destroyUnwritten("vm1");
        scene.node.destroyUnwritten("vm1");
        assertThat(scene.stack.layers()).isEmpty();
        assertThat(scene.node.vms()).isEmpty();
    }

    @Test
    void voltLearnsWhatDisksWereGivenAndWhatSpaceThereIs() {
        scene.node.create("vm1", "debian", null);
        scene.node.create("vm2", null, 5L << 20);
        long given = NodeScene.SIZE + (5L << 20);
        assertThat(scene.node.report().layerBytesProvisioned()).isEqualTo(given);
        NodeScene.await(() ->
                scene.volt.nodes().stream()
                        .anyMatch(node ->
                                node.address().name().equals("member")
                                        && node.layerBytesProvisioned() == given
                                        && node.layerBytesTotal() == 1 << 30
                                        && node.layerBytesFree() == 1 << 29));
    }

    @Test
    void emptyDisksNeedNobody() throws Exception {
        scene.voltIsAway = true;
        assertProblem(Kind.INVALID, () -> scene.node.create("vm1", null, null));
        assertProblem(Kind.INVALID, () -> scene.node.create("vm1", null, 513L));
        VmView view = scene.node.create("vm1", null, 1L << 20);
        assertThat(view.image()).isNull();
        assertThat(scene.node.create("vm1", null, null)).isEqualTo(view);
        assertProblem(Kind.CONFLICT, () -> scene.node.create("vm1", "debian", null));
        scene.node.export("vm1");
        scene.restart();
        assertThat(exported("vm1").state()).isEqualTo(ExportState.EXPORTED);
        scene.node.destroy("vm1");
        assertThat(scene.stack.layers()).isEmpty();
    }

    @Test
    void disksGrowAndNeverShrink() throws Exception {
        scene.node.create("vm1", "debian", null);
        assertThat(scene.node.extend("vm1", 4 << 20).size()).isEqualTo(4 << 20);
        assertThat(scene.node.extend("vm1", 4 << 20).size()).isEqualTo(4 << 20);
        assertProblem(Kind.INVALID, () -> scene.node.extend("vm1", 2 << 20));
        assertProblem(Kind.INVALID, () -> scene.node.extend("vm1", (8 << 20) + 1));
        assertProblem(Kind.INVALID, () -> scene.node.extend("vm1", Long.MAX_VALUE));
        scene.restart();
        assertThat(scene.node.vm("vm1").size()).isEqualTo(4 << 20);
        assertThat(Files.readString(scene.stack.layer("vm1"))).isEqualTo("" + (4 << 20));
    }

    @Test
    void afterARebootExportsComeFromDiskAlone() throws Exception {
        for (int i = 0; i < 20; i++) {
            scene.node.create("vm" + i, "debian", null);
            scene.node.export("vm" + i);
        }
        scene.node.unexport("vm7");
        scene.exports.reboot();
        scene.voltIsAway = true;
        scene.restart();
        assertThat(scene.exports.owners()).hasSize(19).doesNotContainKey("vm7");
        assertThat(exported("vm3").state()).isEqualTo(ExportState.EXPORTED);
    }

    @Test
    void aRestartOfTheServiceAdoptsThem() throws Exception {
        scene.node.create("vm1", "debian", null);
        scene.node.export("vm1");
        scene.restart();
        scene.restart();
        assertThat(scene.exports.starts).hasValue(1);
        assertThat(exported("vm1").state()).isEqualTo(ExportState.EXPORTED);
    }

    @Test
    void aDeathIsReportedAndThePathComesBack() throws Exception {
        scene.node.create("vm1", "debian", null);
        scene.node.export("vm1");
        scene.exports.kill("vm1", "it was killed");
        NodeScene.await(() -> exported("vm1").state() == ExportState.RESTARTED);
        assertThat(exported("vm1").reason()).isEqualTo("it was killed");
        scene.restart();
        assertThat(exported("vm1").state()).isEqualTo(ExportState.RESTARTED);
        scene.node.export("vm1"); // acknowledged
        assertThat(exported("vm1").state()).isEqualTo(ExportState.EXPORTED);
        assertThat(exported("vm1").reason()).isNull();
    }

    @Test
    void whatCantBeMadeIsFailedAndTriedAgain() throws Exception {
        scene.node.create("vm1", "debian", null);
        scene.exports.refused.add("vm1");
        assertProblem(Kind.FAILED, () -> scene.node.export("vm1"));
        assertThat(scene.node.vm("vm1").export()).isNull(); // nobody was told that there is one
        scene.exports.refused.clear();
        scene.node.export("vm1");
        scene.exports.refused.add("vm1");
        scene.exports.reboot();
        scene.restart();
        assertThat(exported("vm1").state()).isEqualTo(ExportState.FAILED);
        assertThat(exported("vm1").reason()).isEqualTo("refused");
        scene.exports.refused.clear();
        NodeScene.await(() -> exported("vm1").state() == ExportState.EXPORTED);
    }

    /** It would wait two minutes for the image's socket. */
    @Test
    void withoutItsImageAnExportIsNotEvenTried() throws Exception {
        scene.node.create("vm1", "debian", null);
        scene.node.export("vm1");
        scene.stack.refused.add(scene.image);
        scene.exports.reboot();
        scene.restart();
        assertThat(exported("vm1").state()).isEqualTo(ExportState.FAILED);
        assertThat(scene.exports.starts).hasValue(1);
        scene.stack.refused.clear();
        NodeScene.await(() -> exported("vm1").state() == ExportState.EXPORTED);
    }

    @Test
    void recordsFromBeforeExportsAreRead() throws Exception {
        scene.node.create("vm1", "debian", null);
        Path record = directory.resolve("data/vms/vm1.json");
        Files.writeString(
                record,
                Files.readString(record)
                        .replace(",\"exported\":false", "")
                        .replace(",\"interrupted\":null", ""));
        assertThat(Files.readString(record)).doesNotContain("exported");
        scene.restart();
        assertThat(scene.node.vm("vm1").export()).isNull();
    }

    /** Killed at every step of export, unexport and destroy; what was acknowledged holds. */
    @Test
    void killedAtAnyStep() throws Exception {
        int kills = 0;
        for (boolean killed = true; killed; kills++) {
            scene.close();
            try (NodeScene one = new NodeScene(directory.resolve("k" + kills))) {
                one.node.create("vm1", "debian", null);
                StepFailure steps = StepFailure.after(kills);
                String done = "";
                try {
                    one.restart(steps);
                    one.node.export("vm1");
                    done = "export";
                    one.node.unexport("vm1");
                    done = "unexport";
                    one.node.export("vm1");
                    one.node.destroy("vm1");
                    done = "destroy";
                    killed = false;
                } catch (StepFailure.Killed e) {
                    assertThat(e).isNotNull();
                }
                one.restart();
                if (done.equals("destroy")) {
                    assertThat(one.node.vms()).isEmpty();
                    assertThat(one.exports.owners()).isEmpty();
                    continue;
                }
                for (VmView vm : one.node.vms()) {
                    assertThat(one.exports.owners().keySet())
                            .as("%s after %s", vm, done)
                            .hasSize(vm.export() == null ? 0 : 1);
                    one.node.export("vm1");
                    one.node.destroy("vm1");
                }
                assertThat(one.exports.owners()).isEmpty();
                assertThat(one.stack.layers()).isEmpty();
            }
        }
        assertThat(kills).as("steps").isGreaterThan(8);
    }
}
