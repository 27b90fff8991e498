package io.virtman.nova.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.nova.boot.Batch;
import io.virtman.nova.boot.BootServer;
import io.virtman.nova.boot.BootServer.State;
import io.virtman.nova.boot.BootState;
import io.virtman.nova.boot.Progress;
import io.virtman.nova.boot.SeenServer;
import io.virtman.nova.boot.Sighting;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every store of a boot promises. */
public abstract class BootStoreContract {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** Of a boot of 5 servers and 8 attempts that was just begun. */
    protected abstract BootStore store() throws Exception;

    protected static SeenServer seen(String id, int batch, String status) {
        return new SeenServer(id, batch, status, "spawning", "host-1", null);
    }

    private static void see(BootStore store, SeenServer... seen) {
        List<SeenServer> all = List.of(seen);
        store.saw(Sighting.of(store.progress(), all, store.now(), PATIENCE), all);
    }

    @Test
    void beginsWithNothing() throws Exception {
        Progress progress = store().progress();
        assertThat(progress.state()).isEqualTo(BootState.RUNNING);
        assertThat(progress.count()).isEqualTo(5);
        assertThat(progress.attempts()).isEqualTo(8);
        assertThat(progress.hopeless()).isFalse();
        assertThat(progress.batches()).isEmpty();
        assertThat(progress.servers()).isEmpty();
    }

    @Test
    void batchesAreNumbered() throws Exception {
        BootStore store = store();
        Batch first = store.send(3);
        Batch second = store.send(2);
        assertThat(first.number()).isEqualTo(1);
        assertThat(second.number()).isEqualTo(2);
        assertThat(first.sentAt()).isBetween(store.now().minusSeconds(60), store.now());
        assertThat(store.progress().batches()).containsExactly(first, second);
        store.refused(second);
        assertThat(store.progress().batches())
                .containsExactly(first, second.in(Batch.State.REFUSED));
    }

    @Test
    void whatIsSeenStays() throws Exception {
        BootStore store = store();
        Batch _ = store.send(2);
        see(store, seen("a", 1, "BUILD"));
        assertThat(store.progress().batches().getFirst().state()).isEqualTo(Batch.State.SENT);
        BootServer first = store.progress().servers().getFirst();
        assertThat(first.state()).isEqualTo(State.BUILDING);
        see(store, seen("a", 1, "ACTIVE"), seen("b", 1, "ERROR"));
        Progress progress = store.progress();
        assertThat(progress.batches().getFirst().state()).isEqualTo(Batch.State.SETTLED);
        assertThat(progress.servers())
                .contains(first.in(State.ACTIVE))
                .extracting(BootServer::state)
                .containsExactlyInAnyOrder(State.ACTIVE, State.FAILED);
    }

    @Test
    void deletionsAreWrittenDown() throws Exception {
        BootStore store = store();
        Batch _ = store.send(2);
        see(store, seen("a", 1, "ACTIVE"), seen("b", 1, "ACTIVE"));
        store.deleting(List.of("b", "unknown"));
        assertThat(store.progress().in(State.DELETING)).isEqualTo(1);
        assertThat(store.progress().in(State.ACTIVE)).isEqualTo(1);
        see(store, seen("a", 1, "ACTIVE"), seen("b", 1, "ACTIVE"));
        assertThat(store.progress().in(State.DELETING)).as("until it is gone").isEqualTo(1);
    }

    @Test
    void givingUpIsForGood() throws Exception {
        BootStore store = store();
        store.giveUp("quota");
        store.giveUp("something else");
        assertThat(store.progress().hopeless()).isTrue();
        assertThat(store.progress().state()).isEqualTo(BootState.RUNNING);
    }

    @Test
    void aStateIsLeftOnlyFromWhereItWasSeen() throws Exception {
        BootStore store = store();
        store.enter(BootState.RUNNING, BootState.CANCELLING);
        store.enter(BootState.RUNNING, BootState.COMPLETED);
        assertThat(store.progress().state()).isEqualTo(BootState.CANCELLING);
        store.enter(BootState.CANCELLING, BootState.CANCELLED);
        assertThat(store.progress().state()).isEqualTo(BootState.CANCELLED);
    }
}
