package io.virtman.messaging.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BoundedDispatcherTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final CountDownLatch gate = new CountDownLatch(1);

    private BoundedDispatcher dispatcher(int atATime, int waiting) {
        return new BoundedDispatcher("test", atATime, waiting, failures::add);
    }

    private void await() {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void startsTasksInTheOrderTheyCame() {
        BoundedDispatcher dispatcher = dispatcher(1, 1000);
        List<Integer> order = new CopyOnWriteArrayList<>();
        List<Integer> expected = new ArrayList<>();
        assertThat(dispatcher.dispatch(this::await)).isTrue();
        for (int i = 0; i < 1000; i++) {
            int number = i;
            expected.add(i);
            assertThat(dispatcher.dispatch(() -> order.add(number))).isTrue();
        }
        gate.countDown();
        assertThat(dispatcher.drain(LONG)).isZero();
        assertThat(order).isEqualTo(expected);
    }

    @Test
    void runsAsManyAtATimeAsAllowedAndNoMore() {
        BoundedDispatcher dispatcher = dispatcher(3, 198);
        CyclicBarrier three = new CyclicBarrier(3);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        for (int i = 0; i < 201; i++) {
            boolean taken =
                    dispatcher.dispatch(() -> {
                        most.accumulateAndGet(running.incrementAndGet(), Math::max);
                        meet(three);
                        running.decrementAndGet();
                    });
            assertThat(taken).isTrue();
        }
        assertThat(dispatcher.drain(LONG)).isZero();
        assertThat(failures).isEmpty();
        assertThat(most).hasValue(3);
    }

    @Test
    void refusesWhatIsMoreThanMayWait() {
        BoundedDispatcher dispatcher = dispatcher(2, 1);
        AtomicInteger done = new AtomicInteger();
        assertThat(dispatcher.dispatch(this::await)).isTrue();
        assertThat(dispatcher.dispatch(this::await)).isTrue();
        assertThat(dispatcher.dispatch(done::incrementAndGet)).isTrue();
        assertThat(dispatcher.dispatch(done::incrementAndGet)).isFalse();
        Await.until(() -> dispatcher.waiting() == 1);
        assertThat(dispatcher.running()).isEqualTo(2);
        assertThat(dispatcher.waiting()).isEqualTo(1);
        gate.countDown();
        assertThat(dispatcher.drain(LONG)).isZero();
        assertThat(done).hasValue(1);
    }

    @Test
    void survivesErrorsOfTasksAndOfTheReport() {
        BoundedDispatcher dispatcher =
                new BoundedDispatcher(
                        "test",
                        1,
                        10,
                        failure -> {
                            failures.add(failure);
                            throw new IllegalStateException("the report fails too");
                        });
        AtomicInteger done = new AtomicInteger();
        dispatcher.dispatch(() -> {
            throw new StackOverflowError();
        });
        dispatcher.dispatch(() -> {
            throw new IllegalArgumentException();
        });
        dispatcher.dispatch(done::incrementAndGet);
        assertThat(dispatcher.drain(LONG)).isZero();
        assertThat(done).hasValue(1);
        assertThat(failures).hasSize(2);
        assertThat(dispatcher.running()).isZero();
    }

    @Test
    void interruptsAndForgetsWhenTheTimeIsUp() {
        BoundedDispatcher dispatcher = dispatcher(1, 5);
        AtomicBoolean interrupted = new AtomicBoolean();
        AtomicBoolean ran = new AtomicBoolean();
        dispatcher.dispatch(() -> {
            await();
            interrupted.set(Thread.currentThread().isInterrupted());
        });
        dispatcher.dispatch(() -> ran.set(true));
        Await.until(() -> dispatcher.running() == 1);
        assertThat(dispatcher.drain(Duration.ofMillis(10))).isEqualTo(2);
        Await.until(() -> dispatcher.running() == 0);
        assertThat(interrupted).isTrue();
        assertThat(ran).isFalse();
        assertThat(dispatcher.dispatch(() -> {})).isFalse();
    }

    @Test
    void taskMayDrainWithoutWaitingForItself() {
        BoundedDispatcher dispatcher = dispatcher(2, 5);
        AtomicInteger abandoned = new AtomicInteger(-1);
        dispatcher.dispatch(() -> abandoned.set(dispatcher.drain(LONG)));
        Await.until(() -> abandoned.get() != -1);
        assertThat(abandoned).hasValue(0);
    }

    @Test
    void refusesSenselessBounds() {
        assertThatThrownBy(() -> dispatcher(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> dispatcher(1, -1)).isInstanceOf(IllegalArgumentException.class);
    }
}
