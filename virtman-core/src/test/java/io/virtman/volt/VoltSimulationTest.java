package io.virtman.volt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random joins, leaves, silent deaths, lost pushes and restarts of Volt; each case is its seed. */
class VoltSimulationTest {
    private static final int STEPS = 300;

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "3, 2", "4, 2", "5, 3", "6, 5", "7, 64"})
    void theHierarchyStaysATreeWhateverHappens(long seed, int fanOut) {
        Random random = new Random(seed);
        VoltScene scene = VoltScene.withImage(fanOut);
        for (int step = 0; step < STEPS; step++) {
            scene.pushesArrive = random.nextInt(4) != 0;
            List<String> members = new ArrayList<>(scene.lists.keySet());
            int dice = random.nextInt(20);
            if (dice < 11 || members.isEmpty()) {
                scene.join("n" + random.nextInt(200));
            } else if (dice < 15) {
                scene.leave(members.get(random.nextInt(members.size())));
            } else if (dice < 18) {
                scene.lists.remove(members.get(random.nextInt(members.size()))); // dies silently
            } else if (dice < 19) {
                scene.interval();
            } else {
                scene.restartVolt();
            }
            checkAnswersAreAcyclic(scene);
        }
        scene.pushesArrive = true;
        for (int interval = 0; interval < 6; interval++) {
            scene.interval();
        }
        checkSettled(scene, fanOut);
    }

    private static void checkAnswersAreAcyclic(VoltScene scene) {
        for (ParentList list : scene.lists.values()) {
            assertThat(list.parents().getLast())
                    .isEqualTo(new ParentEntry("origin", VoltScene.address("origin").peer(), 0));
            int below = list.level();
            for (ParentEntry parent : list.parents()) {
                assertThat(parent.level()).isLessThan(below);
                below = parent.level();
            }
        }
    }

    /** Every member has the list Volt has, and all lists together are one tree. */
    private static void checkSettled(VoltScene scene, int fanOut) {
        List<HierarchyMember> members = scene.volt.hierarchy("debian").members();
        assertThat(members)
                .extracting(HierarchyMember::node)
                .containsExactlyInAnyOrderElementsOf(scene.lists.keySet());
        Map<String, Integer> children = new HashMap<>();
        for (HierarchyMember member : members) {
            ParentList list = scene.list(member.node());
            assertThat(list.position()).isEqualTo(member.position());
            assertThat(list.level()).isEqualTo(member.level());
            assertThat(list.parents().getFirst().node()).isEqualTo(member.parent());
            if (fanOut > 1) {
                assertThat(list.parents()).hasSize(list.level());
                double bound = Math.ceil(Math.log(members.size()) / Math.log(fanOut)) + 1;
                assertThat((double) list.level()).isLessThanOrEqualTo(bound);
            }
            for (ParentEntry parent : list.parents().subList(0, list.parents().size() - 1)) {
                assertThat(scene.list(parent.node()).level()).isEqualTo(parent.level());
            }
            children.merge(String.valueOf(member.parent()), 1, Integer::sum);
        }
        assertThat(children.values()).allMatch(count -> count <= fanOut);
    }
}
