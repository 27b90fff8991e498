package io.virtman.volt;

import static io.virtman.volt.VoltScene.address;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

class VoltMembershipTest {
    private final VoltScene scene = VoltScene.withImage(2);

    @Test
    void aJoinAnswersTheFinalParentsAndRepeatsItself() {
        for (int i = 0; i < 7; i++) {
            scene.join("n" + i);
        }
        ParentList list = scene.join("n6");
        assertThat(list.position()).isEqualTo(6);
        assertThat(list.level()).isEqualTo(3);
        assertThat(list.parents())
                .containsExactly(
                        new ParentEntry("n2", address("n2").peer(), 2),
                        new ParentEntry("n0", address("n0").peer(), 1),
                        new ParentEntry("origin", address("origin").peer(), 0));
        assertThat(scene.join("n6")).isEqualTo(list);
        assertThat(scene.pushed).as("joining changes nobody else").isEmpty();
        assertThat(scene.volt.status().joins()).isEqualTo(9);
    }

    @Test
    void theOriginNeverBecomesAMember() {
        ParentList list = scene.join("origin");
        assertThat(list.level()).isZero();
        assertThat(list.parents()).isEmpty();
        assertThat(scene.heartbeat("origin").lists()).isEmpty();
        assertThat(scene.volt.hierarchy("debian").members()).isEmpty();
    }

    @Test
    void theLastTakesTheLeaversPlaceAndOnlyThoseBelowHear() {
        for (int i = 0; i < 14; i++) {
            scene.join("n" + i);
        }
        scene.leave("n2"); // position 2 had children 6 and 7; n13 was the last
        assertThat(scene.list("n13").position()).isEqualTo(2);
        assertThat(scene.list("n6").parents().getFirst().node()).isEqualTo("n13");
        assertThat(scene.pushed).hasSize(3);
        assertThat(scene.volt.status().parentChanges()).isEqualTo(3);
        scene.pushed.clear();
        scene.leave("n12");
        scene.leave("n12");
        scene.leave("stranger");
        assertThat(scene.pushed).as("the last one moves nobody").isEmpty();
    }

    @Test
    void aChangeTouchesAboutDepthListsOnAverage() {
        int count = 500;
        for (int i = 0; i < count; i++) {
            scene.join("n" + i);
        }
        Random random = new Random(1);
        int leavers = 100;
        for (int i = 0; i < leavers; i++) {
            List<String> members = new ArrayList<>(scene.lists.keySet());
            scene.leave(members.get(random.nextInt(members.size())));
        }
        assertThat(scene.pushed.size() / (double) leavers).isLessThan(2 * 9.0);
        assertThat(scene.volt.status().parentChanges()).isLessThanOrEqualTo(4L * leavers);
    }

    @Test
    void silenceOfThreeIntervalsIsDeath() {
        for (int i = 0; i < 6; i++) {
            scene.join("n" + i);
        }
        scene.lists.remove("n0");
        scene.time.pass(Duration.ofSeconds(3));
        scene.lists.keySet().forEach(scene::heartbeat);
        scene.volt.tick();
        assertThat(scene.list("n2").parents().getFirst().node()).isEqualTo("n0");
        scene.time.pass(Duration.ofMillis(1));
        scene.volt.tick();
        assertThat(scene.list("n5").position()).isZero();
        assertThat(scene.list("n2").parents().getFirst().node()).isEqualTo("n5");
        assertThat(scene.volt.nodes())
                .filteredOn(node -> node.address().name().equals("n0"))
                .singleElement()
                .matches(node -> !node.alive() && node.millisSinceHeartbeat() == 3001);
    }

    @Test
    void aNodeThatNoLongerReportsAnAttachmentIsTakenOut() {
        scene.join("n0");
        scene.join("n1");
        scene.lists.remove("n0"); // its service restarted and forgot
        for (int i = 0; i < 4; i++) {
            scene.time.pass(VoltScene.INTERVAL);
            scene.heartbeat("n0");
            scene.heartbeat("n1");
            scene.volt.tick();
        }
        assertThat(scene.volt.hierarchy("debian").members())
                .extracting(HierarchyMember::node)
                .containsExactly("n1");
    }

    @Test
    void theHeartbeatHealsLostPushes() {
        for (int i = 0; i < 6; i++) {
            scene.join("n" + i);
        }
        scene.pushesArrive = false;
        scene.leave("n0");
        assertThat(scene.list("n2").parents().getFirst().node()).isEqualTo("n0");
        assertThat(scene.volt.status().pushesLost()).isEqualTo(3);
        scene.heartbeat("n2");
        assertThat(scene.list("n2").parents().getFirst().node()).isEqualTo("n5");
        assertThat(scene.heartbeat("n2").lists()).isEmpty();
    }

    @Test
    void aReportSentBeforeLeavingDoesNotBringANodeBack() {
        ParentList list = scene.join("n0");
        scene.leave("n0");
        scene.lists.put("n0", list);
        assertThat(scene.heartbeat("n0").lists()).isEmpty();
        assertThat(scene.volt.hierarchy("debian").members()).isEmpty();
        scene.join("n0");
        assertThat(scene.volt.hierarchy("debian").members()).hasSize(1);
    }

    @Test
    void afterARestartOfVoltEverybodyKeepsItsPlace() {
        for (int i = 0; i < 30; i++) {
            scene.join("n" + i);
        }
        scene.volt.saveNodes();
        Map<String, ParentList> before = Map.copyOf(scene.lists);
        scene.restartVolt();
        List<String> order = new ArrayList<>(scene.lists.keySet()); // by name: not by position
        order.remove("n17");
        scene.lists.remove("n17"); // dies meanwhile
        order.forEach(node -> assertThat(scene.heartbeat(node).lists()).isEmpty());
        ParentList late = scene.join("late");
        assertThat(late.parents().getLast().node()).isEqualTo("origin");
        for (int i = 0; i < 4; i++) {
            scene.interval();
        }
        scene.interval();
        for (String node : order) {
            ParentList now = scene.list(node);
            assertThat(now.term()).isEqualTo(2);
            assertThat(now.epoch()).isGreaterThan(Objects.requireNonNull(before.get(node)).epoch());
            assertThat(now.position())
                    .isEqualTo(Objects.requireNonNull(before.get(node)).position());
        }
        assertThat(scene.list("late").position())
                .as("the newcomer fills the gap of the dead")
                .isEqualTo(17);
    }

    @Test
    void theNameOfALiveNodeIsRefusedFromElsewhere() {
        scene.join("n0");
        scene.join("n1");
        NodeAddress other = new NodeAddress("n0", "http://127.0.0.1:9", "127.0.0.1:10");
        var about = Map.of("n1", "is slow");
        Heartbeat report = new Heartbeat(other, List.of(), 7, 7, 0, 0, 0, about);
        scene.time.pass(Duration.ofSeconds(3));
        List<NodeStatus> nodes = scene.volt.nodes();
        VoltStatus status = scene.volt.status();
        assertThatThrownBy(() -> scene.volt.join("debian", other))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> {
                            assertThat(problem.kind()).isEqualTo(Kind.CONFLICT);
                            assertThat(problem.field()).isEqualTo("node.name");
                            assertThat(problem.detail()).contains(address("n0").peer(), ":10");
                            assertThat(problem.remedy()).contains("--name", "3 intervals");
                        });
        assertProblem(Kind.CONFLICT, () -> scene.volt.heartbeat(report));
        assertThat(scene.volt.nodes()).isEqualTo(nodes);
        assertThat(scene.volt.status()).isEqualTo(status);
        assertThat(scene.pushed).isEmpty();
        scene.time.pass(Duration.ofMillis(1)); // silent for longer: it may have moved
        scene.volt.heartbeat(report);
        assertThat(scene.volt.nodes()).extracting(NodeStatus::address).contains(other);
        assertProblem(Kind.CONFLICT, () -> scene.heartbeat("n0"));
    }

    @Test
    void aNewAddressReachesEverybodyBelow() {
        for (int i = 0; i < 6; i++) {
            scene.join("n" + i);
        }
        scene.time.pass(Duration.ofSeconds(4));
        NodeAddress moved = new NodeAddress("n0", "http://127.0.0.1:9", "127.0.0.1:10");
        scene.volt.join("debian", moved);
        assertThat(scene.list("n2").parents().getFirst().peer()).isEqualTo("127.0.0.1:10");
        NodeAddress origin = new NodeAddress("origin", "http://127.0.0.1:9", "127.0.0.1:11");
        scene.volt.heartbeat(new Heartbeat(origin, List.of(), 0, 0, 0, 0, 0, Map.of()));
        assertThat(scene.lists.values())
                .allMatch(list -> list.parents().getLast().peer().equals("127.0.0.1:11"));
    }

    @Test
    void joiningNeedsASealedImageAndAnOriginThatWasHeardOf() {
        scene.volt.add("half", "origin", "raw");
        assertProblem(Kind.UNAVAILABLE, () -> scene.volt.join("half", address("n0")));
        scene.volt.fail("half", "the source\nchanged");
        assertProblem(Kind.CONFLICT, () -> scene.volt.join("half", address("n0")));
        scene.volt.add("orphan", "nobody", "raw");
        scene.volt.seal("orphan", VoltScene.DIGEST, 1);
        assertProblem(Kind.UNAVAILABLE, () -> scene.volt.join("orphan", address("n0")));
        assertProblem(Kind.NOT_FOUND, () -> scene.volt.join("nothing", address("n0")));
    }

    @Test
    void unknownImagesAreNamedAndComplaintsAreShown() {
        scene.join("n0");
        var unknown = new AttachmentReport("gone", 1, 0, Map.of(), 0, 0);
        var answer =
                scene.volt.heartbeat(
                        new Heartbeat(
                                address("n1"),
                                List.of(unknown),
                                0,
                                0,
                                30,
                                20,
                                40,
                                Map.of("n0", "sent corrupt data\u001b[2J")));
        assertThat(answer.unknownImages()).containsExactly("gone");
        assertThat(scene.volt.nodes())
                .filteredOn(node -> node.address().name().equals("n1"))
                .extracting(
                        NodeStatus::layerBytesTotal,
                        NodeStatus::layerBytesFree,
                        NodeStatus::layerBytesProvisioned)
                .containsExactly(Tuple.tuple(30L, 20L, 40L));
        assertThat(scene.volt.nodes())
                .filteredOn(node -> node.address().name().equals("n0"))
                .singleElement()
                .satisfies(node -> {
                    assertThat(node.complaintsAbout()).containsExactly("n1: sent corrupt data?[2J");
                    assertThat(node.images()).containsExactly(scene.image);
                });
    }

    @Test
    void forgettingNeedsADeadNodeThatServesNoImage() {
        scene.join("n0");
        assertProblem(Kind.CONFLICT, () -> scene.volt.forget("n0"));
        assertProblem(Kind.NOT_FOUND, () -> scene.volt.forget("n9"));
        scene.time.pass(Duration.ofSeconds(4));
        assertProblem(Kind.CONFLICT, () -> scene.volt.forget("origin"));
        scene.volt.forget("n0");
        assertThat(scene.volt.nodes()).hasSize(1);
        assertThat(scene.volt.hierarchy("debian").members()).isEmpty();
    }

    @Test
    void manyJoinAtOnce() throws Exception {
        int count = 10_000;
        List<Callable<ParentList>> joins = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            NodeAddress node = address("n" + i);
            joins.add(() -> scene.volt.join("debian", node));
        }
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (var answer : threads.invokeAll(joins)) {
                assertThat(answer.get().parents()).isNotEmpty();
            }
        }
        List<HierarchyMember> members = scene.volt.hierarchy("debian").members();
        assertThat(members).hasSize(count);
        assertThat(members.getLast().level()).isEqualTo(13);
    }

    private static void assertProblem(Kind kind, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.kind()).isEqualTo(kind));
    }
}
