package io.virtman.cinder.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.cinder.database.Layer.Kind;
import io.virtman.cinder.database.Layer.Source;
import io.virtman.cinder.database.RequestJournal.Receipt;
import io.virtman.cinder.database.RequestJournal.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Requests and layers. */
class OwnTablesTest extends CinderTest {
    private final RequestJournal journal = new RequestJournal(TestCinder.BACKEND, 3);

    OwnTablesTest(TestCinder cinder) {
        super(cinder);
    }

    private Receipt receive(String id) {
        return change(tx -> journal.receive(tx, id, "create_volume", "{\"id\": \"" + id + "\"}"));
    }

    @Test
    void requestsAreWrittenOnceAndForgottenWhenDone() throws Exception {
        assertThat(receive("b")).isEqualTo(Receipt.NEW);
        cinder.clock.advance(Duration.ofMillis(1));
        assertThat(receive("a")).isEqualTo(Receipt.NEW);
        assertThat(receive("a")).isEqualTo(Receipt.KNOWN);

        assertThat(rows(tx -> journal.pending(tx, null, 10)))
                .extracting(Request::uniqueId)
                .containsExactly("b", "a");
        assertThat(rows(tx -> journal.pending(tx, null, 1)))
                .containsExactly(
                        new Request("b", "create_volume", "{\"id\": \"b\"}", TestClock.START));
        assertThat(outcome(tx -> journal.done(tx, "b"))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> journal.done(tx, "b"))).isEqualTo(Outcome.NOT_EXPECTED);
        assertThat(receive("b")).isEqualTo(Receipt.DONE);
        assertThat(
                        cinder.one(
                                "SELECT state, payload FROM virtman.bridge_request"
                                        + " WHERE unique_id = 'b'"))
                .isEqualTo("done|");

        assertThat(count(tx -> journal.purge(tx, Duration.ofHours(1), 10))).isZero();
        cinder.clock.advance(Duration.ofHours(2));
        assertThat(count(tx -> journal.purge(tx, Duration.ofHours(1), 10))).isEqualTo(1);
        assertThat(receive("a")).isEqualTo(Receipt.KNOWN);
    }

    @Test
    void thereIsABoundOnRequestsAndTheirSize() {
        for (String id : new String[] {"1", "2", "3"}) {
            assertThat(receive(id)).isEqualTo(Receipt.NEW);
        }
        assertThat(receive("4")).isEqualTo(Receipt.FULL);
        RequestJournal other = new RequestJournal("ctl@other", 1);
        assertThat(rows(tx -> other.pending(tx, null, 10))).isEmpty();
        Receipt elsewhere = change(tx -> other.receive(tx, "o", "m", "{}"));
        assertThat(elsewhere).isEqualTo(Receipt.NEW);
        assertThat(receive("3")).isEqualTo(Receipt.KNOWN);
        outcome(tx -> journal.done(tx, "1"));
        assertThat(receive("4")).isEqualTo(Receipt.NEW);
        assertThatThrownBy(() -> change(tx -> journal.receive(tx, "5", "m", "x".repeat(1_100_000))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 MiB");
    }

    @Test
    void whatIsPendingIsReadPageByPage() {
        cinder.clock.advance(Duration.ofMillis(1));
        receive("c");
        receive("b"); // at the same time
        cinder.clock.advance(Duration.ofMillis(1));
        receive("a");

        List<String> read = new ArrayList<>();
        Request last = null;
        for (int page = 0; page < 4; page++) {
            Request after = last;
            for (Request each : rows(tx -> journal.pending(tx, after, 1))) {
                read.add(each.uniqueId());
                last = each;
            }
        }

        assertThat(read).containsExactly("b", "c", "a");
    }

    @Test
    void roomIsCountedAgainOnlyWhenItIsUsedUpAndNeverOverestimated() throws Exception {
        for (String id : new String[] {"1", "2", "3"}) {
            receive(id);
        }
        outcome(tx -> journal.done(tx, "1"));
        outcome(tx -> journal.done(tx, "2"));

        assertThat(receive("4")).isEqualTo(Receipt.NEW);
        assertThat(receive("5")).isEqualTo(Receipt.NEW);
        assertThat(receive("6")).isEqualTo(Receipt.FULL);
        assertThat(receive("7")).isEqualTo(Receipt.FULL);
        assertThat(new RequestJournal(TestCinder.BACKEND, 3))
                .satisfies(restarted ->
                        assertThat(change(tx -> restarted.receive(tx, "8", "m", "{}")).name())
                                .isEqualTo("FULL"));
    }

    @Test
    void aRequestAndItsWorkAreOneTransaction() throws Exception {
        String id = seed.volume(1, "creating");
        receive("r");

        assertThatThrownBy(() ->
                        change(tx -> {
                            VolumeCreation.failed(tx, id);
                            journal.done(tx, "r");
                            Layers.add(tx, id, Kind.VOLUME, Source.EMPTY);
                            throw new IllegalStateException("stop");
                        }))
                .hasMessage("stop");

        assertThat(cinder.one("SELECT status FROM volumes WHERE id = ?", id)).isEqualTo("creating");
        assertThat(rows(tx -> journal.pending(tx, null, 10))).hasSize(1);
        assertThat(maybe(tx -> Layers.find(tx, id))).isEmpty();
    }

    @Test
    void layersHaveAHomeOnceTheyAreWritten() {
        Source image = Source.image("i");
        assertThat(outcome(tx -> Layers.add(tx, "v", Kind.VOLUME, image))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> Layers.add(tx, "v", Kind.VOLUME, image)))
                .isEqualTo(Outcome.NOT_EXPECTED);
        assertThat(outcome(tx -> Layers.written(tx, "v"))).isEqualTo(Outcome.NOT_EXPECTED);

        assertThat(outcome(tx -> Layers.place(tx, "v", "h1", "n"))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> Layers.place(tx, "v", "h2", "n"))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> Layers.written(tx, "v"))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> Layers.place(tx, "v", "h1", "n"))).isEqualTo(Outcome.NOT_EXPECTED);
        assertThat(outcome(tx -> Layers.place(tx, "v", "h2", "m"))).isEqualTo(Outcome.DONE);

        Layer layer = new Layer("v", Kind.VOLUME, image, true, Optional.of("h2"), Optional.of("m"));
        assertThat(maybe(tx -> Layers.find(tx, "v"))).contains(layer);
        assertThat(rows(tx -> Layers.on(tx, image))).containsExactly(layer);
        assertThat(outcome(tx -> Layers.remove(tx, "v"))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> Layers.remove(tx, "v"))).isEqualTo(Outcome.GONE);
        assertThat(rows(tx -> Layers.on(tx, image))).isEmpty();
    }

    @Test
    void migratingAgainChangesNothing() throws Exception {
        OwnTables.migrate(cinder.database);

        assertThat(cinder.list("SHOW TABLES IN virtman"))
                .containsExactly(
                        "bridge_fence",
                        "bridge_history",
                        "bridge_image",
                        "bridge_layer",
                        "bridge_lease",
                        "bridge_request");
    }
}
