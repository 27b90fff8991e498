package io.virtman.volt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.problem.ProblemException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HierarchyPlannerTest {
    @Test
    void theBinaryTreeOfThePaper() {
        HierarchyPlanner planner = new HierarchyPlanner(2);
        assertThat(planner.parent(0)).isEqualTo(HierarchyPlanner.ORIGIN);
        assertThat(planner.parent(1)).isEqualTo(HierarchyPlanner.ORIGIN);
        assertThat(planner.ancestors(5)).containsExactly(1);
        assertThat(planner.ancestors(13)).containsExactly(5, 1);
        assertThat(planner.level(13)).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64})
    void noNodeHasMoreChildrenThanTheFanOutAndDepthIsLogarithmic(int fanOut) {
        HierarchyPlanner planner = new HierarchyPlanner(fanOut);
        Map<Integer, Integer> children = new HashMap<>();
        for (int position = 0; position < 2000; position++) {
            int parent = planner.parent(position);
            assertThat(parent).isLessThan(position).isGreaterThanOrEqualTo(-1);
            children.merge(parent, 1, Integer::sum);
            if (fanOut > 1) {
                double bound = Math.ceil(Math.log(position + 1) / Math.log(fanOut)) + 1;
                assertThat((double) planner.level(position)).isLessThanOrEqualTo(bound);
            }
        }
        assertThat(children.values()).allMatch(count -> count <= fanOut);
    }

    @Test
    void aChainListsItsNearestAncestorsOnly() {
        HierarchyPlanner chain = new HierarchyPlanner(1);
        assertThat(chain.level(999)).isEqualTo(1000);
        assertThat(chain.ancestors(999))
                .hasSize(HierarchyPlanner.LONGEST_LIST)
                .startsWith(998, 997);
    }

    @Test
    void gapsGoToTheLastAndThenToNewcomers() {
        HierarchyPlanner planner = new HierarchyPlanner(2);
        var claims = new TreeMap<>(Map.of(0, "a", 2, "c", 6, "g", 9, "j"));
        assertThat(planner.arrange(claims, List.of("x", "y")))
                .containsExactly("a", "g", "c", "j", "x", "y");
        assertThat(planner.arrange(new TreeMap<>(), List.<String>of())).isEmpty();
    }

    @Test
    void aChangeConcernsThePositionAndAllBelow() {
        BitSet changed = new BitSet();
        changed.set(1);
        assertThat(new HierarchyPlanner(2).stale(changed, 13).stream())
                .containsExactly(1, 4, 5, 10, 11, 12);
        assertThat(new HierarchyPlanner(2).stale(new BitSet(), 13).stream()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 65})
    void otherFanOutsAreRefused(int fanOut) {
        assertThatThrownBy(() -> new HierarchyPlanner(fanOut))
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("fan_out: ");
    }
}
