package io.virtman.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.block.Upstream.Check;
import io.virtman.nbd.NbdUri;
import io.virtman.testing.Await;
import io.virtman.testing.FaultyBlockSource;
import io.virtman.testing.MemoryBlockSource;
import io.virtman.testing.TestExport;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Parents that die, fall silent, come back, lie or are replaced; real sockets throughout. */
@Timeout(30)
class ParentSetTest {
    private static final int SIZE = 200_000;

    /** Short where a test waits for it, long where it must not come. */
    private static final PeerTimeouts QUICK =
            new PeerTimeouts(
                    Duration.ofMillis(400),
                    Duration.ofMillis(400),
                    Duration.ofMillis(1),
                    Duration.ofMillis(20),
                    Duration.ofMillis(80),
                    Duration.ofSeconds(20));

    private static PeerTimeouts patience(Duration patience) {
        return new PeerTimeouts(
                QUICK.connect(),
                QUICK.read(),
                QUICK.readPerLevel(),
                QUICK.firstRetry(),
                QUICK.longestRetry(),
                patience);
    }

    private final MemoryBlockSource truth = MemoryBlockSource.random(SIZE, 1);
    private final FaultyBlockSource near = new FaultyBlockSource(truth);
    private final FaultyBlockSource far = new FaultyBlockSource(truth);
    private final Complaints complaints = new Complaints();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<TestExport> exports = new ArrayList<>();
    private ParentSet parents = new ParentSet(QUICK, complaints);

    @BeforeEach
    void serve() throws Exception {
        exports.add(TestExport.tcp(near));
        exports.add(TestExport.tcp(far));
    }

    @AfterEach
    void end() throws Exception {
        parents.close();
        threads.shutdownNow();
        for (TestExport export : exports) {
            export.close();
        }
    }

    private Parent parent(String name, int export) {
        return new Parent(name, List.of(exports.get(export).uri()));
    }

    private void bothInForce() {
        parents.update(List.of(parent("near", 0), parent("far", 1)), 1);
    }

    private void fetch(long offset, int length) throws IOException {
        byte[] expected = Arrays.copyOfRange(truth.content(), (int) offset, (int) offset + length);
        ByteBuffer target = ByteBuffer.allocate(length + 10).position(5).limit(5 + length);
        Check check = bytes -> bytes.equals(ByteBuffer.wrap(expected));
        parents.fetch(offset, target, check);
        assertThat(target.position()).isEqualTo(5 + length);
        assertThat(target.limit()).isEqualTo(5 + length);
        assertThat(target.slice(5, length)).isEqualTo(ByteBuffer.wrap(expected));
    }

    private long heard(String parent) {
        return parents.bytesInByParent().getOrDefault(parent, 0L);
    }

    private String state(String parent) {
        return parents.states().getOrDefault(parent, "is not in the list");
    }

    private Future<Boolean> fetching(long offset, int length) {
        return threads.submit(() -> {
            fetch(offset, length);
            return true;
        });
    }

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

    private void closeExport(int export) {
        try {
            exports.get(export).close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void aParentThatFailsReadsIsPassedOver() throws Exception {
        near.failing("disk on fire");
        bothInForce();
        fetch(0, 1000);
        assertThat(state("near")).startsWith("is away").contains("EIO");
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
