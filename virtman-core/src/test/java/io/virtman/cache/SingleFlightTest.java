package io.virtman.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.testing.TestImage;
import io.virtman.testkit.Await;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class SingleFlightTest {
    @TempDir Path directory;

    private final SingleFlight<String, String> flights = new SingleFlight<>();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final AtomicInteger runs = new AtomicInteger();

    /** A thread that runs something, and what came of it. */
    private record Caller<T>(Thread thread, FutureTask<T> task) {
        static <T> Caller<T> of(Callable<T> work) {
            FutureTask<T> task = new FutureTask<>(work);
            return new Caller<>(Thread.ofPlatform().daemon().start(task), task);
        }

        void awaitWaiting() {
            Await.until(() -> thread.getState() == Thread.State.WAITING);
        }

        T get() throws Exception {
            return task.get(20, TimeUnit.SECONDS);
        }
    }

    private String behindTheGate() throws IOException {
        runs.incrementAndGet();
        try {
            gate.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted at the gate");
        }
        return "result";
    }

    private List<Caller<String>> callers(int count, SingleFlight.Work<String> work) {
        List<Caller<String>> callers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Caller<String> caller = Caller.of(() -> flights.run("key", work));
            caller.awaitWaiting();
            callers.add(caller);
        }
        return callers;
    }

    @Test
    void oneRunServesAll() throws Exception {
        List<Caller<String>> callers = callers(20, this::behindTheGate);
        assertThat(flights.run("other", () -> "at once")).isEqualTo("at once");
        gate.countDown();
        for (Caller<String> caller : callers) {
            assertThat(caller.get()).isEqualTo("result");
        }
        assertThat(runs).hasValue(1);
        assertThat(flights.run("key", () -> "later")).isEqualTo("later");
    }

    @Test
    void aFailureReachesAllAndIsForgotten() {
        List<Caller<String>> callers =
                callers(
                        20,
                        () -> {
                            behindTheGate();
                            throw new IOException("no luck");
                        });
        gate.countDown();
        for (Caller<String> caller : callers) {
            assertThatThrownBy(caller::get)
                    .isInstanceOf(ExecutionException.class)
                    .rootCause()
                    .hasMessage("no luck");
        }
        assertThat(runs).hasValue(1);
    }

    /** Who has seen a failure and comes again is not handed the same failure. */
    @Test
    void aRetryAfterAFailureRuns() throws Exception {
        Caller<String> first =
                Caller.of(() ->
                        flights.run(
                                "key",
                                () -> {
                                    behindTheGate();
                                    throw new IOException("no luck");
                                }));
        first.awaitWaiting();
        List<Caller<String>> retrying = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Caller<String> caller =
                    Caller.of(() -> {
                        try {
                            return flights.run("key", () -> "not this one");
                        } catch (IOException _) {
                            return flights.run("key", () -> "retried");
                        }
                    });
            caller.awaitWaiting();
            retrying.add(caller);
        }
        gate.countDown();
        for (Caller<String> caller : retrying) {
            assertThat(caller.get()).isEqualTo("retried");
        }
    }

    @Test
    void anInterruptedWaiterLeavesAlone() throws Exception {
        List<Caller<String>> callers = callers(3, this::behindTheGate);
        callers.get(1).thread().interrupt();
        assertThatThrownBy(callers.get(1)::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(InterruptedIOException.class);
        gate.countDown();
        assertThat(callers.get(0).get()).isEqualTo("result");
        assertThat(callers.get(2).get()).isEqualTo("result");
    }

    @Test
    void aWaiterTakesOverFromAnInterruptedLeader() throws Exception {
        List<Caller<String>> callers = callers(3, this::behindTheGate);
        callers.getFirst().thread().interrupt();
        assertThatThrownBy(callers.getFirst()::get).isInstanceOf(ExecutionException.class);
        gate.countDown();
        assertThat(callers.get(1).get()).isEqualTo("result");
        assertThat(callers.get(2).get()).isEqualTo("result");
        assertThat(runs.get()).isGreaterThanOrEqualTo(2);
    }

    /** The whole way: 100 readers of one cold chunk are one fetch. */
    @Test
    void aHundredReadersOfAChunkAreOneFetch() throws Exception {
        TestImage image = TestImage.random(directory.resolve("image"), 300_000, 1);
        try (CacheScene scene = new CacheScene(image, directory.resolve("cache"), 8)) {
            scene.cached.requireSize(); // the hash pages are here
            scene.upstream.reset();
            scene.origin.with((source, offset, target) -> {
                behindTheGate();
                source.read(offset, target);
            });
            List<Caller<Boolean>> readers = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                int from = i * 600;
                readers.add(
                        Caller.of(() -> {
                            CacheScene.check(scene.cached, image, from, 5_000);
                            return true;
                        }));
            }
            readers.forEach(Caller::awaitWaiting);
            gate.countDown();
            for (Caller<Boolean> reader : readers) {
                assertThat(reader.get()).isTrue();
            }
            assertThat(scene.upstream.fetches()).isEqualTo(1);
        }
    }
}
