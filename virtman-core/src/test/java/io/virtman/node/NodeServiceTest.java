package io.virtman.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.ParentEntry;
import io.virtman.volt.ParentList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** VMs and guests on one node, over a fake stack. */
class NodeServiceTest {
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

    @Test
    void fiftyCreatesAtOnceMakeOneAttach() throws Exception {
        List<Future<VmView>> made = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                String vm = "vm" + i;
                made.add(threads.submit(() -> scene.node.create(vm, "debian", null)));
            }
        }
        for (Future<VmView> vm : made) {
            assertThat(vm.get().state()).isEqualTo(VmRecord.State.READY);
        }
        assertThat(scene.stack.attaches).hasValue(1);
        assertThat(scene.count("join")).isEqualTo(1);
        assertThat(scene.node.vms()).hasSize(50);
    }

    @Test
    void createsAndLastDestroysMayMeet() throws Exception {
        List<Future<?>> all = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                String vm = "vm" + i;
                all.add(
                        threads.submit(() -> {
                            for (int round = 0; round < 10; round++) {
                                scene.node.create(vm, "debian", null);
                                scene.node.destroy(vm);
                            }
                        }));
            }
        }
        for (Future<?> one : all) {
            one.get(); // the stack refuses layers on images that are not attached
        }
        assertThat(scene.stack.layers()).isEmpty();
        assertThat(scene.stack.attached).isEmpty();
    }

    @Test
    void repeatingAnswersTheSameAndContradictingIsRefused() {
        VmView first = scene.node.create("vm1", "debian", null);
        assertThat(first.size()).isEqualTo(NodeScene.SIZE);
        assertThat(scene.node.create("vm1", scene.image, NodeScene.SIZE)).isEqualTo(first);
        assertProblem(Kind.CONFLICT, () -> scene.node.create("vm1", "debian", 2L << 20));
        assertProblem(Kind.CONFLICT, () -> scene.node.create("vm1", "other", null));
        assertProblem(Kind.NOT_FOUND, () -> scene.node.create("vm2", "other", null));
        assertProblem(Kind.INVALID, () -> scene.node.create("vm2", "debian", 512L));
        assertProblem(Kind.INVALID, () -> scene.node.create("vm2", "debian", (2 << 20) + 1L));
        assertProblem(Kind.INVALID, () -> scene.node.create("vm2", "debian", Long.MAX_VALUE));
        assertProblem(Kind.NOT_FOUND, () -> scene.node.vm("vm2"));
        assertProblem(Kind.NOT_FOUND, () -> scene.node.destroy("vm2"));
        assertProblem(Kind.NOT_FOUND, () -> scene.node.start("vm2", NodeScene.GUEST));
        assertProblem(Kind.NOT_FOUND, () -> scene.node.stop("vm2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", "a/b", ".a", "a\u0000", "a..b"})
    void namesThatAreNoneAreRefused(String name) {
        assertProblem(Kind.INVALID, () -> scene.node.create(name, "debian", null));
        assertProblem(Kind.INVALID, () -> scene.node.create("vm", name, null));
        assertProblem(Kind.INVALID, () -> scene.node.destroy(name));
        assertProblem(Kind.INVALID, () -> scene.node.start(name, NodeScene.GUEST));
        assertProblem(Kind.INVALID, () -> scene.node.removeSource(name));
        assertProblem(Kind.INVALID, () -> scene.node.importProgress(name));
    }

    @Test
    void whileVoltIsAwayAttachedImagesGoOn() throws Exception {
        scene.volt.add("half", "origin", "raw");
        scene.node.create("vm1", "debian", null);
        scene.voltIsAway = true;
        scene.restart();
        assertThat(scene.stack.attached).containsOnlyKeys(scene.image);
        assertThat(Objects.requireNonNull(scene.stack.attached.get(scene.image)).parents)
                .extracting("name")
                .containsExactly("origin");
        scene.node.create("vm2", "debian", null);
        assertProblem(Kind.UNAVAILABLE, () -> scene.node.create("vm3", "half", null));
        scene.node.destroy("vm1");
        scene.node.destroy("vm2");
        assertThat(scene.stack.attached).isEmpty();
        scene.voltIsAway = false;
        assertProblem(Kind.UNAVAILABLE, () -> scene.node.create("vm3", "half", null));
        assertThat(scene.node.vms()).isEmpty();
    }

    @Test
    void anImageThatIsNotRestoredKeepsNobodyWaitingAndIsTriedAgain() throws Exception {
        scene.node.create("vm1", "debian", null);
        Path vms = directory.resolve("data/vms");
        Files.writeString(vms.resolve("vm2.json"), "{\"name\":\"vm2\"}");
        Files.writeString(vms.resolve("vm3.json"), "");
        Files.writeString(vms.resolve(".vm4.new"), "{");
        Files.writeString(directory.resolve("data/attachments/x.json"), "{}");
        scene.voltIsAway = true;
        scene.stack.refused.add(scene.image);
        scene.restart();
        assertThat(scene.stack.attached).isEmpty();
        assertThat(scene.node.vms()).extracting(VmView::name).containsExactly("vm1");
        assertThat(vms.resolve("vm2.json.unreadable")).exists();
        assertThat(vms.resolve(".vm4.new")).doesNotExist();
        Files.createFile(scene.stack.layer("vm2"));
        assertProblem(Kind.CONFLICT, () -> scene.node.create("vm2", "debian", null));
        assertThat(scene.stack.layer("vm2")).exists();
        scene.stack.refused.clear();
        NodeScene.await(() -> scene.stack.attached.containsKey(scene.image));
    }

    @Test
    void aGuestIsStartedOnceAndFoundAgain() throws Exception {
        scene.node.create("vm1", "debian", null);
        scene.node.start("vm1", NodeScene.GUEST);
        scene.node.start("vm1", NodeScene.GUEST);
        scene.restart();
        scene.node.start("vm1", NodeScene.GUEST);
        assertThat(scene.guests.starts).hasValue(1);
        scene.guests.print("vm1", "ready at last");
        NodeScene.await(() -> guest("vm1").markerLine() != null);
        assertThat(guest("vm1").bootMillis()).isNotNegative();
        scene.restart();
        assertThat(guest("vm1").markerLine()).isEqualTo("ready at last");
        scene.node.stop("vm1");
        scene.node.stop("vm1");
        assertThat(guest("vm1").running()).isFalse();
        scene.node.start("vm1", NodeScene.GUEST);
        assertThat(scene.guests.starts).hasValue(2);
    }

    private VmView.GuestView guest(String vm) {
        return Objects.requireNonNull(scene.node.vm(vm).guest());
    }

    @Test
    void aLayerIsNotDeletedUnderAGuestThatLives() throws Exception {
        scene.node.create("vm1", "debian", null);
        scene.node.start("vm1", NodeScene.GUEST);
        scene.guests.undying = true;
        assertProblem(Kind.FAILED, () -> scene.node.destroy("vm1"));
        scene.restart();
        assertThat(scene.stack.layers()).containsExactly("vm1");
        assertProblem(Kind.CONFLICT, () -> scene.node.start("vm1", NodeScene.GUEST));
        assertProblem(Kind.CONFLICT, () -> scene.node.create("vm1", "debian", null));
        scene.guests.undying = false;
        scene.node.destroy("vm1");
        assertThat(scene.stack.layers()).isEmpty();
        assertThat(scene.guests.running()).isEmpty();
    }

    @Test
    void aDiskWhoseDestructionFailedIsNotMadeAnewEmpty() throws Exception {
        scene.node.create("vm1", "debian", null);
        Files.writeString(scene.stack.layer("vm1"), "data");
        scene.stack.undeletable.add("vm1");
        assertProblem(Kind.FAILED, () -> scene.node.destroy("vm1"));
        assertThat(scene.node.vm("vm1").state()).isEqualTo(VmRecord.State.DESTROYING);
        scene.stack.undeletable.clear(); // what failed would succeed now
        assertProblem(Kind.CONFLICT, () -> scene.node.create("vm1", "debian", null));
        assertProblem(Kind.CONFLICT, () -> scene.node.export("vm1"));
        assertProblem(Kind.CONFLICT, () -> scene.node.extend("vm1", 4 << 20));
        assertProblem(Kind.CONFLICT, () -> scene.node.snapshot("vm1", "golden"));
        assertThat(scene.stack.layer("vm1")).hasContent("data");
        assertThat(scene.node.vms()).extracting("state").containsExactly(VmRecord.State.DESTROYING);
        scene.node.destroy("vm1");
        assertThat(scene.stack.layers()).isEmpty();
        assertThat(scene.node.create("vm1", "debian", null).state())
                .isEqualTo(VmRecord.State.READY);
    }

    @Test
    void aDestructionThatWasBegunGoesOnAlsoOnCondition() throws Exception {
        scene.node.create("vm1", "debian", null);
        Files.writeString(scene.stack.layer("vm1"), "data");
        scene.stack.undeletable.add("vm1");
        assertProblem(Kind.FAILED, () -> scene.node.destroy("vm1"));
        scene.stack.undeletable.clear();

        scene.node.destroyUnwritten("vm1");

        assertThat(scene.stack.layers()).isEmpty();
        assertThat(scene.node.vms()).isEmpty();
    }

    @Test
    void aDiskThatWasOnlyHalfMadeIsMadeAnew() throws Exception {
        scene.stack.undeletable.add("vm1");
        scene.stack.onLayer =
                () -> {
                    throw new IllegalStateException("no space");
                };
        assertThatThrownBy(() -> scene.node.create("vm1", "debian", null))
                .isInstanceOf(IllegalStateException.class);
        assertThat(scene.node.vm("vm1").state()).isEqualTo(VmRecord.State.CREATING);
        assertProblem(Kind.CONFLICT, () -> scene.node.export("vm1"));
        scene.stack.undeletable.clear();
        scene.stack.onLayer = () -> {};
        assertThat(scene.node.create("vm1", "debian", null).state())
                .isEqualTo(VmRecord.State.READY);
    }

    @Test
    void whatCannotBeWrittenIsAProblemAndLeavesNothing() throws Exception {
        Path half = directory.resolve("data/vms/.vm1.new");
        block(half);
        assertProblem(Kind.FAILED, () -> scene.node.create("vm1", "debian", null));
        assertThat(scene.stack.attached).isEmpty();
        unblock(half);
        scene.stack.onLayer = () -> block(half); // READY can't be written
        assertProblem(Kind.FAILED, () -> scene.node.create("vm1", "debian", null));
        assertThat(scene.node.vms()).isEmpty();
        assertThat(scene.stack.layers()).isEmpty();
        assertThat(scene.stack.attached).isEmpty();
        unblock(half);
        scene.stack.onLayer = () -> {};
        scene.stack.refused.add(scene.image);
        assertProblem(Kind.FAILED, () -> scene.node.create("vm1", "debian", null));
        assertThat(scene.volt.hierarchy("debian").members()).isEmpty();
        scene.stack.refused.clear();
        scene.node.create("vm1", "debian", null);
        block(half);
        assertProblem(Kind.FAILED, () -> scene.node.destroy("vm1"));
        assertThat(scene.node.vm("vm1").state()).isEqualTo(VmRecord.State.READY);
        assertThat(scene.stack.layers()).containsExactly("vm1");
        unblock(half);
    }

    /** As a full disk would: the file can't be made. */
    private static void block(Path half) {
        try {
            Files.createDirectories(half.resolve("x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void unblock(Path half) throws IOException {
        Files.delete(half.resolve("x"));
        Files.delete(half);
    }

    @Test
    void onlySoundAndNewerListsOfParentsAreTaken() {
        scene.node.create("vm1", "debian", null);
        var image = Objects.requireNonNull(scene.stack.attached.get(scene.image));
        long epoch = Long.MAX_VALUE - 10;
        ParentEntry origin = new ParentEntry("origin", "h:1", 0);
        ParentEntry other = new ParentEntry("other", "h:2", 1);
        for (List<ParentEntry> wrong :
                List.of(
                        List.<ParentEntry>of(),
                        List.of(origin, other),
                        List.of(other, new ParentEntry("..", "h:1", 0)),
                        List.of(other, new ParentEntry("origin", "h:1/x?y#", 0)))) {
            ParentList list = new ParentList(scene.image, 9, epoch, 0, 2, wrong);
            assertProblem(Kind.INVALID, () -> scene.node.parents(list));
        }
        assertThat(image.level).isEqualTo(1);
        scene.node.parents(new ParentList(scene.image, 9, epoch + 1, 0, 2, List.of(other, origin)));
        assertThat(image.level).isEqualTo(2);
        assertThat(image.parents).extracting("name").containsExactly("other", "origin");
        scene.node.parents(new ParentList(scene.image, 9, epoch, 0, 1, List.of(origin)));
        scene.node.parents(new ParentList("unknown", 9, epoch, 0, 1, List.of(origin)));
        assertThat(image.level).isEqualTo(2);
    }

    @Test
    void hostileGuestsAreRefused() {
        scene.node.create("vm1", "debian", null);
        for (GuestRequest request :
                List.of(
                        new GuestRequest(15, null, null, null, null),
                        new GuestRequest(64, "\u0000", null, null, null),
                        new GuestRequest(64, "/", null, null, null),
                        new GuestRequest(64, "relative", null, null, null),
                        new GuestRequest(64, null, "/dev/null", null, null),
                        new GuestRequest(64, null, null, "x", null),
                        new GuestRequest(64, null, null, null, "a\nb"),
                        new GuestRequest(64, null, null, null, "x".repeat(129)))) {
            assertProblem(Kind.INVALID, () -> scene.node.start("vm1", request));
        }
        assertThat(scene.guests.starts).hasValue(0);
    }

    static void assertProblem(Kind kind, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.kind()).as("%s", problem).isEqualTo(kind));
    }
}
