package io.virtman.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.nbd.NbdUri;
import io.virtman.testing.FaultyBlockSource;
import io.virtman.testing.TestExport;
import io.virtman.testkit.Await;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Parents that lie, and lists that change. */
class ParentListTest extends ParentScene {
    @Test
    void anotherListServesThoseWhoWait() throws Exception {
        exports.get(0).close();
        parents.update(List.of(parent("dead", 0)), 1);
        List<Future<Boolean>> waiting = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            waiting.add(fetching(i * 10L, 1000));
        }
        Await.until(() -> state("dead").startsWith("is away"));
        parents.update(List.of(), 1);
        assertThat(waiting).noneMatch(Future::isDone);
        parents.update(List.of(parent("far", 1)), 2);
        for (Future<Boolean> one : waiting) {
            assertThat(one.get()).isTrue();
        }
        assertThat(parents.states()).containsOnlyKeys("far");
    }

    /** What is under way with a parent that goes is asked again of the new list. */
    @Test
    void aFetchMovesFromAParentThatIsTakenAway() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        near.with((_, _, _) -> {
            reached.countDown();
            await(never);
        });
        parents.update(List.of(parent("near", 0)), 50_000); // a deadline of 50 s
        Future<Boolean> one = fetching(0, 70_000);
        await(reached);
        parents.update(List.of(parent("far", 1)), 1);
        assertThat(one.get()).isTrue();
        never.countDown();
        assertThat(parents.bytesInByParent()).containsOnlyKeys("near", "far");
        assertThat(heard("near")).as("handshake").isPositive();
    }

    @Test
    void bytesAreCountedAcrossUpdatesAndReconnects() throws Exception {
        bothInForce();
        fetch(0, 1000);
        long once = heard("near");
        exports.get(0).close();
        fetch(0, 1000);
        exports.get(0).comeBack();
        parents.update(List.of(parent("far", 1)), 1);
        parents.update(List.of(parent("near", 0)), 1);
        fetch(0, 1000);
        assertThat(heard("near")).isEqualTo(2 * once);
        assertThat(heard("far")).isEqualTo(once);
        parents.close();
        assertThat(heard("near")).isEqualTo(2 * once);
    }

    @Test
    void aLiarIsDroppedNamedAndNeverAskedAgain() throws Exception {
        near.flipping(500);
        bothInForce();
        fetch(0, 1000);
        assertThat(complaints.names).containsExactly("near");
        assertThat(complaints.texts.getFirst())
                .isEqualTo("sent 1000 bytes at offset 0 that do not verify");
        near.mended();
        long heard = heard("near");
        parents.update(List.of(parent("far", 1)), 1);
        // back, under another URI as after a change of level
        NbdUri other = new NbdUri(exports.get(0).uri().address(), "other");
        parents.update(List.of(new Parent("near", List.of(other)), parent("far", 1)), 2);
        fetch(0, 1000);
        assertThat(state("near")).startsWith("is dropped (it sent 1000 bytes");
        assertThat(parents.bytesInByParent()).containsEntry("near", heard);
        assertThat(complaints.names).hasSize(1);
    }

    @Test
    void anExportTooShortIsAWrongAnswer() throws Exception {
        exports.add(TestExport.tcp(new FaultyBlockSource(truth, 1000)));
        parents.update(List.of(parent("short", 2), parent("far", 1)), 1);
        fetch(900, 200);
        assertThat(complaints.names).containsExactly("short");
        assertThat(complaints.texts.getFirst()).contains("only 1000 bytes");
    }

    @Test
    void twoLiarsAreBothNamed() {
        near.flipping(5);
        far.flipping(6);
        bothInForce();
        assertThatThrownBy(() -> fetch(0, 100))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("near sent 100 bytes")
                .hasMessageContaining("far sent 100 bytes");
        assertThat(complaints.names).containsExactly("near", "far");
    }

    @Test
    void aClosedSetStaysClosed() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        near.with((_, _, _) -> {
            reached.countDown();
            await(never);
        });
        parents.update(List.of(parent("near", 0)), 50_000);
        Future<Boolean> one = fetching(0, 10);
        await(reached);
        parents.close();
        assertThatThrownBy(one::get).hasCauseInstanceOf(IOException.class);
        never.countDown();
        bothInForce();
        assertThat(parents.states()).isEmpty();
        assertThatThrownBy(() -> fetch(0, 10)).isInstanceOf(IOException.class);
    }
}
