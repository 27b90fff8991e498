package io.virtman.cinder.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.cinder.database.RequestJournal;
import io.virtman.cinder.database.Seed;
import io.virtman.cinder.database.TestCinder;
import io.virtman.cinder.volume.Caller;
import io.virtman.cinder.volume.Connection;
import io.virtman.cinder.volume.FlowTest;
import io.virtman.cinder.volume.Ledger;
import io.virtman.messaging.wire.RpcRequest;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Requests without an answer: written down, done once, done at last. */
class CastsTest extends FlowTest {
    private static final String PENDING =
            "SELECT COUNT(*) FROM virtman.bridge_request WHERE state <> 'done'";

    private Casts casts;

    @SuppressWarnings("NullAway.Init") // by each test
    CastsTest(TestCinder cinder) {
        super(cinder);
    }

    private Casts casts(Ledger of) {
        return new Casts(of, flows(of), 4);
    }

    private Flows flows(Ledger of) {
        return new Flows(
                flow.create(),
                flow.delete(),
                flow.extend(),
                flow.snapshot(),
                flow.deleteSnapshot(),
                flow.attach(),
                new Refusal(of, glance));
    }

    /** By a process that ended before it did more. */
    private void write(RpcRequest request) {
        casts(ledger).journal(request);
    }

    private void arrive(RpcRequest request) {
        casts.journal(request);
        casts.carryOut(request);
    }

    private RpcRequest creation(String volume) {
        return Captured.fresh("create_volume", Captured.id("create_volume", "volume"), volume);
    }

    private String journal() throws Exception {
        return String.join(
                ",", cinder.list("SELECT method, state, payload = '' FROM virtman.bridge_request"));
    }

    @Test
    void aRequestIsWrittenDownWithoutItsToken() throws Exception {
        casts = casts(ledger);
        String volume = seed.creating(2);

        casts.journal(creation(volume));

        assertThat(cinder.one("SELECT payload FROM virtman.bridge_request"))
                .contains(volume)
                .doesNotContain(Captured.TOKEN);
        assertThat(journal()).isEqualTo("create_volume|received|0");
    }

    @Test
    void whatHasArrivedIsDone() throws Exception {
        casts = casts(ledger);
        String volume = seed.creating(2);

        arrive(creation(volume));

        assertThat(status(volume)).isEqualTo("available");
        assertThat(journal()).isEqualTo("create_volume|done|1");
        assertDone();
    }

    @Test
    void copiesAreNotDoneTwiceAlsoAfterARestart() throws Exception {
        casts = casts(ledger);
        String volume = seed.creating(2);
        RpcRequest request = creation(volume);
        arrive(request);
        cinder.update("UPDATE volumes SET status = 'creating' WHERE id = ?", volume);

        arrive(request);
        casts = casts(ledger);
        arrive(request);

        assertThat(status(volume)).isEqualTo("creating"); // nobody touched it again
        assertThat(casts.running()).isZero();
    }

    @Test
    void whatWasOnlyWrittenDownIsTakenUp() throws Exception {
        casts = casts(ledger);
        String first = seed.creating(2);
        casts.journal(creation(first));
        String second = seed.creating(1);
        casts.journal(creation(second));

        casts = casts(ledger);
        casts.resume();

        Await.until(() -> casts.running() == 0 && isAvailable(first) && isAvailable(second));
        assertDone();
    }

    private boolean isAvailable(String volume) {
        try {
            return status(volume).equals("available");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void afterARestartTheBridgeAsksGlanceAsItself() throws Exception {
        casts = casts(ledger);
        String image = glance.raw(GIB);
        String volume = seed.creating(1);
        RpcRequest request =
                Captured.request(
                        Captured.of("create_volume").get(1),
                        "bd117430-7749-4473-8b3a-97b28e318b0d",
                        volume,
                        "05652e00-043b-4ae2-9897-cdecda267fee",
                        image);
        write(request);

        casts.resume();

        Await.until(() -> isAvailable(volume));
        assertThat(glance.tokens()).doesNotContain(Captured.TOKEN).contains("-");
    }

    @Test
    void withoutRoomItIsLeftToTheBroker() throws Exception {
        Ledger small =
                new Ledger(
                        cinder.database,
                        lease,
                        ledger.service(),
                        TestCinder.BACKEND,
                        new RequestJournal(TestCinder.BACKEND, 1));
        casts = casts(small);
        casts.journal(creation(seed.creating(1)));

        RpcRequest second = creation(seed.creating(1));

        assertThatThrownBy(() -> casts.journal(second)).isInstanceOf(IllegalStateException.class);
        assertThat(journal()).isEqualTo("create_volume|received|0");
    }

    @Test
    void requestsThatWaitDoNotStarveThoseBehindThem() throws Exception {
        casts = new Casts(ledger, flows(ledger), 2);
        String source = written(1);
        engine.fail("snapshot", Kind.UNAVAILABLE);
        for (int i = 0; i < 205; i++) { // more than a page of the journal
            String copy = seed.creating(1);
            cinder.update("UPDATE volumes SET source_volid = ? WHERE id = ?", source, copy);
            write(creation(copy));
        }
        String last = seed.creating(1);
        cinder.clock.advance(Duration.ofSeconds(1));
        write(creation(last));

        Await.until(() -> resumedUntil(isAvailable(last)));
    }

    @Test
    void whatNobodyCanMeanIsNeverWrittenDown() throws Exception {
        casts = casts(ledger);
        RpcRequest captured = creation(seed.creating(1));
        for (ObjectNode args : OrderReaderTest.hostile()) {
            arrive(Captured.with(captured, Seed.uuid(), args));
        }

        assertThat(journal()).isEmpty();
        assertThat(engine.calls()).isEmpty();
    }

    @Test
    void anIdThatTheJournalCanNotHoldIsNoPoison() throws Exception {
        casts = casts(ledger);
        String volume = seed.creating(1);
        RpcRequest captured = creation(volume);

        arrive(Captured.with(captured, "x".repeat(1000), captured.args()));

        assertThat(status(volume)).isEqualTo("available");
        assertThat(journal()).isEmpty();
    }

    @Test
    void whatFailsAsNobodyExpectsIsGivenUpInTheEnd() throws Exception {
        casts = casts(ledger);
        String snapshot = seed.snapshot(made(1, null), 1, "deleting");
        RpcRequest request =
                Captured.fresh(
                        "delete_snapshot", Captured.id("delete_snapshot", "snapshot"), snapshot);
        write(request);
        cinder.update(
                "UPDATE virtman.bridge_request SET payload = ?",
                "{\"method\": \"delete_snapshot\"}"); // as no release writes it

        for (int i = 0; i < 10; i++) {
            casts.resume();
            Await.until(() -> casts.running() == 0);
        }

        Await.until(() -> resumedUntil(count(PENDING) == 0));
    }

    private boolean resumedUntil(boolean done) {
        casts.resume();
        return done;
    }

    private int count(String sql) {
        try {
            return Integer.parseInt(cinder.one(sql));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatIsAbandonedHasAnEnd() throws Exception {
        casts = casts(ledger);
        Orders orders = new Orders(flows(ledger));
        String creating = seed.creating(1);
        String deleting = seed.volume(1, "deleting");
        String captured = Captured.id("delete_volume", "volume");
        RpcRequest deletion = Captured.fresh("delete_volume", captured, deleting);
        for (RpcRequest request : List.of(creation(creating), deletion)) {
            casts.journal(request);
            orders.abandon(ledger, String.valueOf(request.uniqueId()), OrderReader.read(request));
        }

        assertThat(status(creating)).isEqualTo("error");
        assertThat(status(deleting)).isEqualTo("error_deleting");
        assertThat(count(PENDING)).isZero();
    }

    @Test
    void refusedRequestsPutThingsBack() throws Exception {
        casts = casts(ledger);
        String volume = seed.volume(1, "reverting");
        String snapshot = seed.snapshot(volume, 1, "restoring");

        arrive(
                Captured.fresh(
                        "revert_to_snapshot",
                        Captured.id("revert_to_snapshot", "volume"),
                        volume,
                        Captured.id("revert_to_snapshot", "snapshot"),
                        snapshot));

        assertThat(status(volume)).isEqualTo("available");
        assertThat(snapshotStatus(snapshot)).isEqualTo("available");
        assertThat(messages()).hasSize(1);
        assertThat(journal()).isEqualTo("revert_to_snapshot|done|1");
    }

    @Test
    void closingInterruptsWhatWasResumedAndItGoesOnLater() throws Exception {
        casts = casts(ledger);
        String volume = written(1);
        String copy = seed.creating(1);
        cinder.update("UPDATE volumes SET source_volid = ? WHERE id = ?", volume, copy);
        CountDownLatch gate = engine.hold("snapshot");
        write(creation(copy));
        casts.resume();
        Await.until(() -> engine.count("snapshot") == 1);
        gate.countDown();
        Await.until(() -> engine.image("cinder-" + copy).isPresent());

        casts.close();
        assertThat(casts.running()).isZero();
        assertThat(status(copy)).isEqualTo("creating");

        casts = casts(ledger);
        Thread sealer = sealer(copy);
        casts.resume();
        Await.until(() -> isAvailable(copy));
        sealer.join();
        assertDone();
    }

    @Test
    void whatWasToBeBackedUpCanBeUsedAgain() throws Exception {
        casts = casts(ledger);
        String volume = seed.volume(1, "backing-up");
        cinder.update("UPDATE volumes SET previous_status = 'in-use' WHERE id = ?", volume);
        String other = seed.volume(1, "available");
        String snapshot = seed.snapshot(other, 1, "backing-up");
        RpcRequest any = creation(volume);

        for (String[] each : new String[][] {{volume, null}, {other, snapshot}}) {
            ObjectNode args = any.args().objectNode();
            args.putObject("backup").put("volume_id", each[0]).put("snapshot_id", each[1]);
            args.put("want_objects", true).put("async_call", true);
            arrive(
                    new RpcRequest(
                            "get_backup_device",
                            args,
                            any.version(),
                            null,
                            any.context(),
                            Seed.uuid().replace("-", ""),
                            null));
        }

        assertThat(status(volume)).isEqualTo("in-use");
        assertThat(status(other)).isEqualTo("available");
        assertThat(snapshotStatus(snapshot)).isEqualTo("available");
        assertThat(messages())
                .containsExactlyInAnyOrder(
                        "VOLUME_VOLUME_013_001 " + volume, "VOLUME_VOLUME_013_001 " + other);
        assertDone();
    }

    @Test
    void longCopiesKeepNobodyElseFromBeingServed() throws Exception {
        casts = casts(ledger);
        String image = written(1);
        String other = made(1, null);
        String attachment = reserved(other, OTHER);
        List<String> copies = new ArrayList<>();
        try (ExecutorService workers = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 10; i++) {
                String copy = seed.creating(1);
                cinder.update("UPDATE volumes SET source_volid = ? WHERE id = ?", image, copy);
                copies.add(copy);
                RpcRequest request = creation(copy);
                casts.journal(request);
                workers.execute(() -> casts.carryOut(request));
            }

            Connection connection =
                    workers.submit(() ->
                                    flow.attach()
                                            .update(
                                                    Caller.NOBODY,
                                                    other,
                                                    attachment,
                                                    connector(OTHER)))
                            .get(8, TimeUnit.SECONDS);

            assertThat(connection.path()).isNotEmpty();
            Await.until(() -> casts.running() == 2);
            assertThat(count("SELECT COUNT(*) FROM volumes WHERE status = 'creating'"))
                    .isEqualTo(10);
            for (String copy : copies) {
                Await.until(() -> {
                    casts.resume();
                    return engine.image("cinder-" + copy).isPresent();
                });
                sealer(copy).join();
            }
            Await.until(() -> {
                casts.resume();
                return copies.stream().allMatch(this::isAvailable);
            });
        }
        Await.until(() -> casts.running() == 0);
        assertDone();
    }
}
