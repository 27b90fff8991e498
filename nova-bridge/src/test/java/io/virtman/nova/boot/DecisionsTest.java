package io.virtman.nova.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.nova.boot.BootServer.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecisionsTest {
    private final List<Batch> batches = new ArrayList<>();
    private final List<BootServer> servers = new ArrayList<>();
    private BootState state = BootState.RUNNING;
    private boolean deleteOnFailure;
    private boolean hopeless;
    private int attempts = 12;

    private void batch(int size, Batch.State in) {
        batches.add(new Batch(batches.size() + 1, size, in, Instant.EPOCH));
    }

    private void servers(int batch, State in, String... ids) {
        for (String id : ids) {
            servers.add(new BootServer(id, batch, in, Instant.EPOCH));
        }
    }

    private List<Step> next(int count, int room) {
        return Decisions.next(
                new Progress(state, count, deleteOnFailure, hopeless, attempts, batches, servers),
                room,
                4);
    }

    @Test
    void asksForAllInBatches() {
        assertThat(next(10, 100))
                .containsExactly(new Step.Send(4), new Step.Send(4), new Step.Send(2));
    }

    @Test
    void asksForNoMoreThanThereIsRoomFor() {
        assertThat(next(10, 5)).containsExactly(new Step.Send(4), new Step.Send(1));
        assertThat(next(10, 0)).isEmpty();
    }

    @Test
    void whatMayBeThereIsNotAskedForAgain() {
        batch(4, Batch.State.SENT);
        batch(4, Batch.State.SENT);
        servers(2, State.BUILDING, "a", "b");
        assertThat(next(8, 100)).isEmpty();
        assertThat(next(9, 100)).containsExactly(new Step.Send(1));
    }

    @Test
    void whatIsLostOrRefusedIsAskedForAgain() {
        batch(4, Batch.State.SETTLED);
        batch(4, Batch.State.REFUSED);
        assertThat(next(4, 100)).containsExactly(new Step.Send(4));
    }

    @Test
    void attemptsAreLimitedAndRefusalsCostNone() {
        batch(4, Batch.State.REFUSED);
        batch(4, Batch.State.SETTLED);
        attempts = 6;
        assertThat(next(4, 100)).containsExactly(new Step.Send(2));
        attempts = 4;
        assertThat(next(4, 100)).containsExactly(new Step.Enter(BootState.FAILED));
        deleteOnFailure = true;
        assertThat(next(4, 100)).containsExactly(new Step.Enter(BootState.FAILING));
    }

    @Test
    void completesWhenAllRun() {
        batch(2, Batch.State.SETTLED);
        servers(1, State.ACTIVE, "a", "b");
        assertThat(next(2, 0)).containsExactly(new Step.Enter(BootState.COMPLETED));
    }

    @Test
    void failedServersAreDeletedAndReplaced() {
        batch(3, Batch.State.SETTLED);
        servers(1, State.ACTIVE, "a", "b");
        servers(1, State.FAILED, "c");
        assertThat(next(3, 100)).containsExactly(new Step.Delete(List.of("c")), new Step.Send(1));
    }

    @Test
    void theLastThatFailedStay() {
        batch(3, Batch.State.SETTLED);
        servers(1, State.ACTIVE, "a", "b");
        servers(1, State.FAILED, "c");
        attempts = 3;
        assertThat(next(3, 100)).containsExactly(new Step.Enter(BootState.FAILED));
        batch(1, Batch.State.SETTLED);
        servers(2, State.ACTIVE, "d");
        assertThat(next(3, 100)).containsExactly(new Step.Delete(List.of("c")));
    }

    @Test
    void nothingIsAskedForWithoutHope() {
        hopeless = true;
        assertThat(next(3, 100)).containsExactly(new Step.Enter(BootState.FAILED));
        batch(1, Batch.State.SENT);
        assertThat(next(3, 100)).as("first what is under way").isEmpty();
    }

    @Test
    void surplusIsDeletedBeforeTheEndTheLatestFirst() {
        batch(2, Batch.State.SETTLED);
        batch(2, Batch.State.SETTLED);
        servers(1, State.BUILDING, "a", "b");
        servers(2, State.ACTIVE, "c");
        servers(2, State.BUILDING, "d");
        assertThat(next(2, 100)).containsExactly(new Step.Delete(List.of("d", "a")));
        servers.clear();
        servers(1, State.ACTIVE, "a", "b");
        servers(2, State.ACTIVE, "c");
        servers(2, State.DELETING, "d");
        assertThat(next(2, 100)).containsExactly(new Step.Delete(List.of("c")));
    }

    @Test
    void theEndWaitsForDeletions() {
        batch(2, Batch.State.SETTLED);
        servers(1, State.ACTIVE, "a");
        servers(1, State.DELETING, "b");
        assertThat(next(1, 100)).isEmpty();
    }

    @Test
    void cancellingWaitsForWhatIsUnderWay() {
        state = BootState.CANCELLING;
        batch(2, Batch.State.SENT);
        servers(1, State.ACTIVE, "a");
        assertThat(next(5, 100)).isEmpty();
        servers(1, State.FAILED, "b");
        assertThat(next(5, 100)).containsExactly(new Step.Enter(BootState.CANCELLED));
    }

    @Test
    void clearingDeletesAllAndWhatComesLate() {
        state = BootState.CLEARING;
        batch(3, Batch.State.SENT);
        servers(1, State.ACTIVE, "a");
        servers(1, State.FAILED, "b");
        assertThat(next(5, 100)).containsExactly(new Step.Delete(List.of("a", "b")));
        servers.clear();
        servers(1, State.GONE, "a", "b");
        assertThat(next(5, 100)).as("one has not been seen").isEmpty();
        servers(1, State.GONE, "c");
        assertThat(next(5, 100)).containsExactly(new Step.Enter(BootState.CANCELLED));
        state = BootState.FAILING;
        assertThat(next(5, 100)).containsExactly(new Step.Enter(BootState.FAILED));
    }

    @Test
    void nothingIsDoneAfterTheEnd() {
        batch(3, Batch.State.SETTLED);
        servers(1, State.FAILED, "a");
        for (BootState last : List.of(BootState.COMPLETED, BootState.FAILED, BootState.CANCELLED)) {
            state = last;
            assertThat(next(3, 100)).isEmpty();
        }
    }
}
