package io.virtman.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.nbd.NbdUri;
import io.virtman.testing.TestExport;
import io.virtman.testkit.Await;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Parents that die, fall silent or come back. */
class ParentSetTest extends ParentScene {
    @Test
    void theNearestIsAsked() throws Exception {
        bothInForce();
        fetch(0, SIZE);
        assertThat(heard("near")).isGreaterThan(SIZE);
        assertThat(parents.bytesInByParent()).containsEntry("far", 0L);
        assertThat(parents.states())
                .containsExactly(Map.entry("near", "works"), Map.entry("far", "works"));
    }

    @Test
    void aParentThatDiesInTheMiddleIsReplacedByTheNext() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        near.with((source, offset, target) -> {
            reached.countDown();
            await(gate);
            source.read(offset, target);
        });
        bothInForce();
        Future<Boolean> one = fetching(100, 70_000);
        await(reached);
        Thread closing = Thread.startVirtualThread(() -> closeExport(0));
        assertThat(one.get()).isTrue();
        gate.countDown();
        closing.join();
        assertThat(state("near")).startsWith("is away");
        assertThat(complaints.names).isEmpty();
        exports.get(0).comeBack();
        near.mended();
        long before = heard("near");
        Await.until(() -> {
            try {
                fetch(0, 1000);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return heard("near") > before;
        });
        assertThat(parents.states()).containsEntry("near", "works");
    }

    @Test
    void aParentThatAnswersAnErrorIsPassedOverAndKept() throws Exception {
        near.failing("disk on fire");
        bothInForce();
        fetch(0, 1000);
        assertThat(state("near")).isEqualTo("works");
    }

    /** In the handshake, and with reads: both end with their deadlines, and the next is asked. */
    @Test
    void aSilentParentIsPassedOver() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        far.with((_, _, _) -> await(never));
        exports.add(TestExport.tcp(truth));
        try (SilentServer silent = new SilentServer()) {
            parents.update(
                    List.of(
                            new Parent("mute", List.of(silent.uri())),
                            parent("stuck", 1),
                            parent("origin", 2)),
                    1);
            fetch(5, 3000);
            assertThat(state("mute")).startsWith("is away");
            assertThat(state("stuck")).startsWith("is away");
        } finally {
            never.countDown();
        }
    }

    /** A hundred readers of a silent parent wait for one connection attempt, not for a hundred. */
    @Test
    void aFailedConnectionIsFailedForAllWhoWait() throws Exception {
        try (SilentServer silent = new SilentServer()) {
            parents.update(
                    List.of(new Parent("mute", List.of(silent.uri())), parent("origin", 1)), 1);
            long start = System.nanoTime();
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                all.add(fetching(i * 1000L, 1000));
            }
            for (Future<Boolean> one : all) {
                assertThat(one.get()).isTrue();
            }
            // one after the other they would take 40 s
            assertThat(System.nanoTime() - start).isLessThan(Duration.ofSeconds(10).toNanos());
        }
    }

    @Test
    void anOriginThatComesBackWithinPatienceIsWaitedFor() throws Exception {
        TestExport origin = exports.get(0);
        parents.update(List.of(parent("origin", 0)), 1);
        fetch(0, 10);
        origin.close();
        Future<Boolean> waiting = fetching(50, 5000);
        Await.until(() -> state("origin").startsWith("is away"));
        assertThat(waiting.isDone()).isFalse();
        origin.comeBack();
        assertThat(waiting.get()).isTrue();
    }

    /** The connection ends while nobody reads: the next fetch must pause, not spin. */
    @Test
    void refusalsAreNotAskedForInALoop() throws Exception {
        int rounds;
        parents = new ParentSet(patience(Duration.ofMillis(500)), complaints);
        exports.add(TestExport.tcp(near));
        parents.update(List.of(parent("origin", 2)), 1);
        fetch(0, 10);
        exports.get(2).close();
        try (CountingAddress counted = new CountingAddress(exports.get(2).address())) {
            assertThatThrownBy(() -> fetch(0, 10))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no parent gave 10 bytes at 0: origin is away (");
            rounds = counted.accepted();
        }
        // pauses of 20, 40, 80, 80 ... ms in half a second
        assertThat(rounds).isBetween(1, 20);
    }

    @Test
    void patienceEnds() throws Exception {
        parents = new ParentSet(patience(Duration.ofMillis(100)), complaints);
        assertThatThrownBy(() -> fetch(0, 10)).hasMessageEndingWith("there is none");
        exports.get(0).close();
        exports.get(1).close();
        parents.update(List.of(parent("near", 0), parent("far", 1)), 1);
        assertThatThrownBy(() -> fetch(0, 10))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("near is away")
                .hasMessageContaining("far is away");
    }

    /** An interrupt concerns its thread: neither parent nor connection suffer. */
    @Test
    void anInterruptedFetchDoesNoHarm() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        near.with((source, offset, target) -> {
            if (offset == 7) {
                reached.countDown();
                await(gate);
            }
            source.read(offset, target);
        });
        parents.update(List.of(parent("near", 0)), 50_000);
        Thread[] interrupted = new Thread[1];
        CountDownLatch known = new CountDownLatch(1);
        Future<Boolean> one =
                threads.submit(() -> {
                    interrupted[0] = Thread.currentThread();
                    known.countDown();
                    fetch(7, 100);
                    return true;
                });
        await(known);
        await(reached);
        interrupted[0].interrupt();
        assertThatThrownBy(one::get).hasRootCauseInstanceOf(InterruptedIOException.class);
        assertThat(parents.states()).containsEntry("near", "works");
        gate.countDown();
        fetch(0, 100);
    }

    @Test
    void theSecondUriIsTriedWhenTheFirstIsUnknown() throws Exception {
        NbdUri unknown = new NbdUri(exports.get(0).uri().address(), TestExport.UNKNOWN);
        NbdUri known = exports.get(1).uri();
        parents.update(List.of(new Parent("near", List.of(unknown, known))), 1);
        fetch(0, 100);
        assertThat(parents.states()).containsEntry("near", "works");
        NbdUri nowhere = new NbdUri(InetSocketAddress.createUnresolved("127.0.0.1", 1), "");
        parents.update(List.of(new Parent("gone", List.of(nowhere)), parent("far", 1)), 1);
        fetch(0, 100);
        assertThat(state("gone")).startsWith("is away (cannot connect");
    }
}
