package io.virtman.cinder.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.DatabaseException;
import io.virtman.bridge.database.DatabaseException.Kind;
import io.virtman.bridge.database.Lease;
import io.virtman.bridge.database.LeaseLostException;
import io.virtman.bridge.database.Leases;
import io.virtman.testkit.Await;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeasesTest extends CinderTest {
    private final Database other;

    LeasesTest(TestCinder cinder) {
        super(cinder);
        other = cinder.open(cinder.settings());
    }

    @BeforeEach
    void free() throws Exception {
        cinder.execute("DELETE FROM virtman.bridge_lease; DELETE FROM virtman.bridge_fence");
    }

    @AfterEach
    void close() {
        other.close();
    }

    private Leases leases(Database database) {
        return new Leases(database, OwnTables.LEASES, Duration.ofHours(1));
    }

    private void expire() throws Exception {
        cinder.execute("UPDATE virtman.bridge_lease SET expires_at = '2001-01-01'");
    }

    private String status(String id) throws Exception {
        return cinder.one("SELECT status FROM volumes WHERE id = ?", id);
    }

    private static Outcome fail(Database database, Lease lease, String id) {
        return database.change(lease, tx -> VolumeCreation.failed(tx, id));
    }

    @Test
    void oneLeadsUntilItsLeaseEnds() throws Exception {
        Lease first = leases(cinder.database).acquire("b", "one").orElseThrow();

        assertThat(leases(other).acquire("b", "two").isPresent()).isFalse();
        assertThat(leases(other).acquire("another", "two").isPresent()).isTrue();
        assertThat(leases(cinder.database).renew(first)).isTrue();
        expire();
        assertThat(leases(cinder.database).renew(first)).as("nobody took it").isTrue();
        expire();
        Lease second = leases(other).acquire("b", "two").orElseThrow();
        assertThat(second.epoch()).isGreaterThan(first.epoch());
        assertThat(leases(cinder.database).renew(first)).isFalse();
        leases(cinder.database).release(first);
        assertThat(leases(other).renew(second)).as("not the former's to free").isTrue();
        leases(other).release(second);
        assertThat(leases(cinder.database).acquire("b", "one").isPresent()).isTrue();
    }

    @Test
    void leaseEndsByItself() {
        Leases shortest = new Leases(cinder.database, OwnTables.LEASES, Duration.ofSeconds(1));
        shortest.acquire("b", "one");

        Await.until(() -> leases(other).acquire("b", "two").isPresent());
    }

    @Test
    void formerLeaderWritesNothing() throws Exception {
        String id = seed.volume(1, "creating");
        Lease first = leases(cinder.database).acquire("b", "one").orElseThrow();
        expire();
        Lease second = leases(other).acquire("b", "two").orElseThrow();

        assertThatThrownBy(() -> fail(cinder.database, first, id))
                .isInstanceOf(LeaseLostException.class);
        assertThat(status(id)).isEqualTo("creating");
        assertThat(fail(other, second, id)).isEqualTo(Outcome.DONE);
        leases(other).release(second);
        assertThatThrownBy(() -> fail(other, second, id)).isInstanceOf(LeaseLostException.class);
        assertThatThrownBy(() -> fail(other, new Lease(OwnTables.LEASES, "unknown", "x", 0), id))
                .isInstanceOf(LeaseLostException.class);
    }

    /** The former leader is paused after its check: whoever takes the lease waits for its end. */
    @Test
    void newLeaderWaitsForATransactionOfTheFormer() throws Exception {
        String id = seed.volume(1, "creating");
        Lease first = leases(cinder.database).acquire("b", "one").orElseThrow();
        CountDownLatch checked = new CountDownLatch(1);
        CountDownLatch resumed = new CountDownLatch(1);
        CompletableFuture<Outcome> paused =
                CompletableFuture.supplyAsync(() ->
                        cinder.database.change(
                                first,
                                tx -> {
                                    checked.countDown();
                                    await(resumed);
                                    return VolumeCreation.failed(tx, id);
                                }));
        await(checked);
        expire();

        assertThatThrownBy(() -> leases(other).acquire("b", "two"))
                .isInstanceOfSatisfying(
                        DatabaseException.class,
                        e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT));
        assertThat(leases(cinder.database).renew(first)).as("renewing doesn't wait").isTrue();
        expire();
        resumed.countDown();
        assertThat(paused.get(10, TimeUnit.SECONDS)).isEqualTo(Outcome.DONE);
        assertThat(leases(other).acquire("b", "two").isPresent()).isTrue();
        assertThat(status(id)).isEqualTo("error");
    }

    /** It stays paused: the server ends its transaction, and nothing of it is written. */
    @Test
    void serverEndsTheTransactionOfALeaderThatIsPaused() throws Exception {
        String id = seed.volume(1, "creating");
        Lease first = leases(cinder.database).acquire("b", "one").orElseThrow();
        CountDownLatch written = new CountDownLatch(1);
        CountDownLatch resumed = new CountDownLatch(1);
        CompletableFuture<Outcome> paused =
                CompletableFuture.supplyAsync(() ->
                        cinder.database.change(
                                first,
                                tx -> {
                                    Outcome outcome = VolumeCreation.failed(tx, id);
                                    written.countDown();
                                    await(resumed);
                                    return outcome;
                                }));
        await(written);
        expire();

        Await.until(() -> takes(other));
        resumed.countDown();

        assertThat(paused)
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .havingCause()
                .isInstanceOfSatisfying(
                        DatabaseException.class, e -> assertThat(e.isRetryable()).isTrue());
        assertThat(status(id)).isEqualTo("creating");
    }

    private boolean takes(Database database) {
        try {
            Optional<Lease> lease = leases(database).acquire("b", "two");
            return lease.isPresent();
        } catch (DatabaseException e) {
            assertThat(e.kind()).isEqualTo(Kind.CONFLICT);
            return false;
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
