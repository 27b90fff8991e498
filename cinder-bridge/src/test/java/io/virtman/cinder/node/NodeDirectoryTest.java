package io.virtman.cinder.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.NodeStatus;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What is known of nodes while Volt answers, refuses, or hangs. */
class NodeDirectoryTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - SECOND); // it may overflow
    private final AtomicInteger asked = new AtomicInteger();
    private volatile Supplier<List<NodeStatus>> volt = () -> nodes("n1");
    private final NodeDirectory directory =
            new NodeDirectory(
                    () -> {
                        asked.incrementAndGet();
                        return volt.get();
                    },
                    clock::get);

    private static List<NodeStatus> nodes(String name) {
        return List.of(FakeVolt.node(name, 1, true));
    }

    /** Doesn't answer for so long. */
    private Supplier<List<NodeStatus>> away(int seconds) {
        return () -> {
            clock.addAndGet(seconds * SECOND);
            throw new ProblemException(Kind.UNAVAILABLE, "Volt", "no answer", "try again");
        };
    }

    private String known() {
        return directory.all().getFirst().address().name();
    }

    @Test
    void voltIsAskedAgainAfterASecond() {
        assertThat(known()).isEqualTo("n1");
        volt = () -> nodes("n2");
        assertThat(known()).isEqualTo("n1");
        clock.addAndGet(SECOND);

        assertThat(known()).isEqualTo("n2");
        assertThat(directory.find("n2")).isPresent();
        assertThat(directory.find("n1")).isEmpty();
        assertThat(asked).hasValue(2);
    }

    @Test
    void whatWasSaidCountsWhileVoltIsAwayAndAVoltThatHangsIsLeftAloneForAsLong() {
        directory.all();
        clock.addAndGet(SECOND);
        volt = away(10);

        for (int second = 0; second < 10; second++) {
            assertThat(known()).isEqualTo("n1");
            clock.addAndGet(SECOND - 1);
        }

        assertThat(asked).hasValue(2);
        volt = () -> nodes("n2");
        clock.addAndGet(SECOND);
        assertThat(known()).isEqualTo("n2");
    }

    @Test
    void thoseWhoAskAVoltThatWasNeverHeardOfDoNotWaitOneAfterTheOther() {
        volt = away(10);

        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(directory::all)
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
        }

        assertThat(asked).hasValue(1);
        volt = () -> nodes("n1");
        clock.addAndGet(10 * SECOND);
        assertThat(known()).isEqualTo("n1");
    }

    @Test
    void whoKnowsSomethingDoesNotWaitForTheOneWhoAsks() throws Exception {
        directory.all();
        clock.addAndGet(SECOND);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        volt =
                () -> {
                    begun.countDown();
                    try {
                        assertThat(end.await(20, TimeUnit.SECONDS)).isTrue();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    return nodes("n2");
                };
        CompletableFuture<String> other = CompletableFuture.supplyAsync(this::known);
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

        assertThat(known()).isEqualTo("n1"); // while the other one still asks

        end.countDown();
        assertThat(other.get(20, TimeUnit.SECONDS)).isEqualTo("n2");
    }

    @Test
    void whatVoltRefusesIsNotHidden() {
        directory.all();
        clock.addAndGet(SECOND);
        volt =
                () -> {
                    throw new ProblemException(Kind.INVALID, "Volt", "not you", "ask for rights");
                };

        assertThatThrownBy(directory::all).isInstanceOf(ProblemException.class);
    }
}
