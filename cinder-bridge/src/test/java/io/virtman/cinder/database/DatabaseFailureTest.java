package io.virtman.cinder.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.DatabaseException;
import io.virtman.bridge.database.DatabaseException.Kind;
import io.virtman.bridge.database.DatabaseSettings;
import io.virtman.bridge.database.Leases;
import io.virtman.bridge.deadline.Deadline;
import io.virtman.cinder.database.Layer.Source;
import io.virtman.cinder.database.VolumeSource.FromImage;
import io.virtman.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The database is away, slow, or busy. */
class DatabaseFailureTest extends CinderTest {
    private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

    private final RequestJournal journal = new RequestJournal(TestCinder.BACKEND, 10);

    DatabaseFailureTest(TestCinder cinder) {
        super(cinder);
    }

    /** What comes of a create_volume, step by step. */
    private List<Database.Work<?>> steps(ServiceRow service, String id) {
        return List.of(
                tx -> Workers.claim(tx, service, Worker.VOLUME, id, "creating"),
                tx ->
                        VolumeCreation.available(
                                tx, service, id, new FromImage(Map.of("image_id", "i")), ""),
                tx -> Layers.add(tx, id, Layer.Kind.VOLUME, Source.EMPTY),
                tx -> journal.done(tx, "request"));
    }

    private String state(String id) throws Exception {
        return cinder.one(
                "SELECT v.status, v.bootable, w.status, w.service_id, (SELECT COUNT(*) FROM"
                        + " volume_glance_metadata), (SELECT COUNT(*) FROM virtman.bridge_layer),"
                        + " (SELECT state FROM virtman.bridge_request) FROM volumes v JOIN workers w"
                        + " ON w.resource_id = v.id WHERE v.id = ?",
                id);
    }

    @Test
    void killedAtAnyStepNothingIsHalfWrittenAndThePoolRecovers() throws Exception {
        try (Database database = impatient()) {
            killedAtAnyStep(database);
        }
    }

    private void killedAtAnyStep(Database database) throws Exception {
        ServiceRow service = change(tx -> Services.register(tx, TestCinder.IDENTITY));
        String id = seed.creating(1);
        change(tx -> journal.receive(tx, "request", "create_volume", "{}"));
        String before = state(id);
        List<Database.Work<?>> steps = steps(service, id);
        for (int killed = 0; killed <= steps.size(); killed++) {
            int last = killed;
            DatabaseException failure =
                    catchThrowableOfType(
                            DatabaseException.class,
                            () ->
                                    database.change(
                                            lease,
                                            tx -> {
                                                for (int i = 0; i < steps.size(); i++) {
                                                    killBefore(i, last);
                                                    steps.get(i).in(tx);
                                                }
                                                killBefore(steps.size(), last);
                                                return 0;
                                            }));
            assertThat(failure.kind()).as("step " + killed).isEqualTo(Kind.UNAVAILABLE);
            assertThat(failure.isRetryable()).isTrue();
            assertThat(failure.isOutcomeUnknown()).isEqualTo(killed == steps.size());
            cinder.server.restart();
            assertThat(state(id)).as("step " + killed).isEqualTo(before);
        }
        change(tx -> {
            steps.forEach(step -> step.in(tx));
            return 0;
        });
        assertThat(state(id)).isEqualTo("available|1|creating|" + service.id() + "|1|1|done");
    }

    private void killBefore(int step, int last) {
        if (step == last) {
            try {
                cinder.server.kill();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private DatabaseSettings impatient(String schema, String password) {
        DatabaseSettings base = cinder.settings();
        return new DatabaseSettings(
                base.server(),
                schema,
                base.user(),
                password,
                4,
                Duration.ofMillis(500),
                Duration.ofMillis(500),
                Duration.ofSeconds(1),
                base.lockTimeout(),
                base.idleTransactionTimeout());
    }

    private Database impatient() {
        return cinder.open(impatient("cinder", TestCinder.PASSWORD));
    }

    @Test
    void awayIsSaidInBoundedTimeAndOverWhenItIsBack() throws Exception {
        try (Database database = impatient()) {
            assertThat(new Leases(database, OwnTables.LEASES, Duration.ofHours(1)).renew(lease))
                    .isTrue();
            awayAndBack(database);
        }
    }

    private void awayAndBack(Database database) throws Exception {
        Leases leases = new Leases(database, OwnTables.LEASES, Duration.ofHours(1));
        cinder.server.kill();
        try {
            long start = System.nanoTime();
            assertUnavailable(() -> database.read(tx -> Volumes.find(tx, "x")));
            assertUnavailable(() -> database.change(lease, tx -> VolumeCreation.failed(tx, "x")));
            assertUnavailable(() -> leases.renew(lease));
            assertUnavailable(() -> leases.acquire("b", "me"));
            assertUnavailable(() -> OwnTables.migrate(database));
            assertUnavailable(() -> CinderSchema.require(database, false));
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofSeconds(15));
        } finally {
            cinder.server.restart();
        }
        assertThat(database.<Boolean>read(tx -> Volumes.find(tx, "x").isEmpty())).isTrue();
        assertThat(leases.renew(lease)).isTrue();
    }

    @Test
    void silenceEnds() throws Exception {
        try (Database database = impatient()) {
            whileSilent(
                    database, () -> database.change(lease, tx -> VolumeCreation.failed(tx, "x")));
        }
    }

    /** The call ends as unavailable, and the pools recover. */
    private void whileSilent(Database database, ThrowingCallable call) throws Exception {
        assertThat(answers(database)).isTrue();
        cinder.server.pause();
        try {
            assertUnavailable(call);
        } finally {
            cinder.server.resume();
        }
        Await.until(() -> answers(database));
        Await.until(() -> answers(cinder.database));
    }

    /** It would be two minutes else: twice what a statement may take. */
    @Test
    void aRequestWhoseTimeIsOverWaitsForNoSilentServer() throws Exception {
        DatabaseSettings base = cinder.settings();
        DatabaseSettings patient =
                new DatabaseSettings(
                        base.server(),
                        base.schema(),
                        base.user(),
                        TestCinder.PASSWORD,
                        4,
                        base.queueTimeout(),
                        base.connectTimeout(),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(1),
                        base.idleTransactionTimeout());
        try (Database database = cinder.open(patient)) {
            ThrowingCallable call =
                    () ->
                            Deadline.within(
                                    Duration.ofMillis(1),
                                    () -> database.read(tx -> Volumes.find(tx, "x")));
            assertTimeout(Duration.ofSeconds(40), () -> whileSilent(database, call));
        }
    }

    @Test
    void aRequestWhoseTimeIsOverIsNotRepeated() throws Exception {
        String id = seed.volume(1, "creating");
        AtomicInteger attempts = new AtomicInteger();
        try (var holder = cinder.connect();
                var statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("UPDATE cinder.volumes SET size = 2 WHERE id = '" + id + "'");

            assertThatThrownBy(() ->
                            Deadline.within(
                                    Duration.ofMillis(1),
                                    () ->
                                            change(tx -> {
                                                attempts.incrementAndGet();
                                                return VolumeCreation.failed(tx, id);
                                            })))
                    .isInstanceOf(DatabaseException.class);
            holder.rollback();
        }

        assertThat(attempts).hasValue(1);
    }

    private static boolean answers(Database database) {
        try {
            return database.read(tx -> Volumes.find(tx, "x").isEmpty());
        } catch (DatabaseException _) {
            return false;
        }
    }

    @Test
    void slowStatementsEnd() {
        assertUnavailable(() -> cinder.database.read(tx -> tx.first(row -> 0, "SELECT SLEEP(60)")));
    }

    private static void assertUnavailable(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        DatabaseException.class,
                        e -> {
                            assertThat(e.kind()).as(e.toString()).isEqualTo(Kind.UNAVAILABLE);
                            assertThat(e.isRetryable()).isTrue();
                            assertThat(e.isOutcomeUnknown()).isFalse();
                        });
    }

    @Test
    void wrongPasswordsAndSchemasAreNotRetried() {
        for (DatabaseSettings bad :
                List.of(impatient("cinder", "wrong"), impatient("nowhere", TestCinder.PASSWORD))) {
            try (Database database = cinder.open(bad)) {
                assertThatThrownBy(() -> database.read(tx -> Volumes.find(tx, "x")))
                        .isInstanceOfSatisfying(
                                DatabaseException.class,
                                e -> {
                                    assertThat(e.kind()).isEqualTo(Kind.DENIED);
                                    assertThat(e.isRetryable()).isFalse();
                                });
            }
        }
        assertThat(cinder.settings().toString()).doesNotContain(TestCinder.PASSWORD);
    }

    @Test
    void deadlocksAreRepeated() throws Exception {
        String first = seed.volume(1, "creating");
        String second = seed.volume(1, "creating");
        AtomicInteger attempts = new AtomicInteger();
        CountDownLatch both = new CountDownLatch(2);
        CompletableFuture<Outcome> one = crossing(first, second, attempts, both);
        CompletableFuture<Outcome> other = crossing(second, first, attempts, both);

        assertThat(List.of(one.get(20, TimeUnit.SECONDS), other.get(20, TimeUnit.SECONDS)))
                .contains(Outcome.DONE);
        assertThat(attempts.get()).isGreaterThanOrEqualTo(3);
        assertThat(cinder.list("SELECT status FROM volumes")).containsExactly("error", "error");
    }

    private CompletableFuture<Outcome> crossing(
            String first, String second, AtomicInteger attempts, CountDownLatch both) {
        return CompletableFuture.supplyAsync(
                () ->
                        change(tx -> {
                            attempts.incrementAndGet();
                            VolumeCreation.failed(tx, first);
                            both.countDown();
                            await(both);
                            return VolumeCreation.failed(tx, second);
                        }),
                THREADS);
    }

    /** Six attempts, each of which waits for the lock timeout. */
    @Test
    void rowsThatOthersHoldAreAConflictInTheEnd() throws Exception {
        String id = seed.volume(1, "creating");
        AtomicInteger attempts = new AtomicInteger();
        try (var holder = cinder.connect();
                var statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("UPDATE cinder.volumes SET size = 2 WHERE id = '" + id + "'");

            assertThatThrownBy(() ->
                            change(tx -> {
                                attempts.incrementAndGet();
                                return VolumeCreation.failed(tx, id);
                            }))
                    .isInstanceOfSatisfying(
                            DatabaseException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT));
            holder.rollback();
        }

        assertThat(attempts).hasValue(Database.RETRIES + 1);
        assertThat(outcome(tx -> VolumeCreation.failed(tx, id))).isEqualTo(Outcome.DONE);
    }

    @Test
    void connectionsAreBoundedAndWaitingForOneToo() throws Exception {
        try (Database database = impatient()) {
            CountDownLatch free = new CountDownLatch(1);
            CountDownLatch busy = new CountDownLatch(4);
            Database.Work<Integer> holding =
                    tx -> {
                        busy.countDown();
                        await(free);
                        return 0;
                    };
            List<CompletableFuture<Integer>> holders =
                    IntStream.range(0, 4)
                            .mapToObj(_ ->
                                    CompletableFuture.supplyAsync(
                                            () -> database.read(holding), THREADS))
                            .toList();
            await(busy);

            assertUnavailable(() -> database.read(tx -> Volumes.find(tx, "x")));
            // The lease and the heartbeat don't wait for them.
            assertThat(new Leases(database, OwnTables.LEASES, Duration.ofHours(1)).renew(lease))
                    .isTrue();
            int rows =
                    database.changeApart(lease, tx -> Services.deregister(tx, TestCinder.BACKEND));
            assertThat(rows).isZero();

            free.countDown();
            for (CompletableFuture<Integer> holder : holders) {
                holder.get(10, TimeUnit.SECONDS);
            }
            assertThat(answers(database)).isTrue();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
