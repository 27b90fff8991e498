package io.virtman.cinder.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WorkersTest extends CinderTest {
    private ServiceRow service = new ServiceRow(0, "", "", false, false);

    WorkersTest(TestCinder cinder) {
        super(cinder);
    }

    @BeforeEach
    void register() {
        service = change(tx -> Services.register(tx, TestCinder.IDENTITY));
    }

    private Worker claim(String id, String status) {
        return change(tx -> Workers.claim(tx, service, Worker.VOLUME, id, status));
    }

    private List<Worker> unfinished() {
        return rows(tx -> Workers.unfinished(tx, TestCinder.BACKEND));
    }

    private String row(String id) throws Exception {
        return cinder.one(
                "SELECT status, service_id, race_preventer, updated_at, created_at FROM workers"
                        + " WHERE resource_id = ?",
                id);
    }

    @Test
    void claimingTheRowOfTheApiKeepsMicroseconds() throws Exception {
        String id = seed.creating(1);

        Worker worker = claim(id, "creating");

        assertThat(row(id))
                .startsWith("creating|" + service.id() + "|1|2026-03-04 05:06:07.890123|");
        assertThat(worker.updatedAt()).isEqualTo(TestClock.START);
        assertThat(claim(id, "creating")).as("nothing to change").isEqualTo(worker);
        assertThat(unfinished()).containsExactly(worker);
        assertThat(holds(tx -> Workers.finish(tx, worker))).isTrue();
        assertThat(holds(tx -> Workers.finish(tx, worker))).isFalse();
        assertThat(unfinished()).isEmpty();
    }

    @Test
    void claimingWithoutARowMakesOne() throws Exception {
        String id = seed.volume(1, "deleting");

        claim(id, "deleting");

        assertThat(row(id))
                .isEqualTo(
                        "deleting|"
                                + service.id()
                                + "|0|2026-03-04 05:06:07.890123|2026-03-04 05:06:07");
    }

    @Test
    void whatHasBegunAnewIsNotFinishedByTheOld() throws Exception {
        String id = seed.creating(1);
        Worker creating = claim(id, "creating");
        claim(id, "deleting");

        assertThat(holds(tx -> Workers.finish(tx, creating))).isFalse();

        assertThat(row(id)).startsWith("deleting|");
    }

    @Test
    void cleanUpIsClaimedOnceAndFindsWorkOfRemovedServices() throws Exception {
        String id = seed.creating(1);
        Worker begun = claim(id, "creating");
        change(tx -> Services.deregister(tx, TestCinder.BACKEND));
        ServiceRow next = change(tx -> Services.register(tx, TestCinder.IDENTITY));
        cinder.clock.advance(Duration.ofSeconds(5));

        assertThat(unfinished()).containsExactly(begun);
        Worker claimed = change(tx -> Workers.claimForCleanup(tx, next, begun)).orElseThrow();

        assertThat(claimed.serviceId()).isEqualTo(next.id());
        assertThat(claimed.racePreventer()).isEqualTo(begun.racePreventer() + 1);
        assertThat(change(tx -> Workers.claimForCleanup(tx, next, begun)).isPresent()).isFalse();
        assertThat(holds(tx -> Workers.finish(tx, claimed))).isTrue();
    }

    @Test
    void workOfOthersIsNotOurs() throws Exception {
        seed.creating(1); // nobody's yet

        assertThat(unfinished()).isEmpty();
    }
}
