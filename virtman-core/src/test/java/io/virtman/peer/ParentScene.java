package io.virtman.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.block.Upstream.Check;
import io.virtman.testing.FaultyBlockSource;
import io.virtman.testing.MemoryBlockSource;
import io.virtman.testing.TestExport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** Two honest exports of one content over real sockets, and a set of parents to read them by. */
@Timeout(30)
abstract class ParentScene {
    static final int SIZE = 200_000;

    /** Short where a test waits for it, long where it must not come. */
    static final PeerTimeouts QUICK =
            new PeerTimeouts(
                    Duration.ofMillis(400),
                    Duration.ofMillis(400),
                    Duration.ofMillis(1),
                    Duration.ofMillis(20),
                    Duration.ofMillis(80),
                    Duration.ofSeconds(20));

    static PeerTimeouts patience(Duration patience) {
        return new PeerTimeouts(
                QUICK.connect(),
                QUICK.read(),
                QUICK.readPerLevel(),
                QUICK.firstRetry(),
                QUICK.longestRetry(),
                patience);
    }

    final MemoryBlockSource truth = MemoryBlockSource.random(SIZE, 1);
    final FaultyBlockSource near = new FaultyBlockSource(truth);
    final FaultyBlockSource far = new FaultyBlockSource(truth);
    final Complaints complaints = new Complaints();
    final ExecutorService threads = Executors.newCachedThreadPool();
    final List<TestExport> exports = new ArrayList<>();
    ParentSet parents = new ParentSet(QUICK, complaints);

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

    Parent parent(String name, int export) {
        return new Parent(name, List.of(exports.get(export).uri()));
    }

    void bothInForce() {
        parents.update(List.of(parent("near", 0), parent("far", 1)), 1);
    }

    void fetch(long offset, int length) throws IOException {
        byte[] expected = Arrays.copyOfRange(truth.content(), (int) offset, (int) offset + length);
        ByteBuffer target = ByteBuffer.allocate(length + 10).position(5).limit(5 + length);
        Check check = bytes -> bytes.equals(ByteBuffer.wrap(expected));
        parents.fetch(offset, target, check);
        assertThat(target.position()).isEqualTo(5 + length);
        assertThat(target.limit()).isEqualTo(5 + length);
        assertThat(target.slice(5, length)).isEqualTo(ByteBuffer.wrap(expected));
    }

    long heard(String parent) {
        return parents.bytesInByParent().getOrDefault(parent, 0L);
    }

    String state(String parent) {
        return parents.states().getOrDefault(parent, "is not in the list");
    }

    Future<Boolean> fetching(long offset, int length) {
        return threads.submit(() -> {
            fetch(offset, length);
            return true;
        });
    }

    void closeExport(int export) {
        try {
            exports.get(export).close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static void await(CountDownLatch latch) throws IOException {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
