package io.virtman.bridge.deadline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    private static final Duration HOUR = Duration.ofHours(1);

    @Test
    void withoutADeadlineAWaitHasItsOwnLimit() {
        assertThat(Deadline.atMost(HOUR)).isEqualTo(HOUR);
    }

    @Test
    void aWaitTakesNoMoreThanIsLeft() {
        Duration left = Deadline.within(Duration.ofMinutes(1), () -> Deadline.atMost(HOUR));
        Duration none = Deadline.within(Duration.ZERO, () -> Deadline.atMost(HOUR));
        Duration shorter = Deadline.within(HOUR, () -> Deadline.atMost(Duration.ofMillis(1)));

        assertThat(left).isBetween(Duration.ofSeconds(1), Duration.ofMinutes(1));
        assertThat(none).isZero();
        assertThat(shorter).isEqualTo(Duration.ofMillis(1));
    }

    @Test
    void aDeadlineWithinAnotherDoesNotEndLater() {
        Duration left =
                Deadline.within(
                        Duration.ofMinutes(1),
                        () -> Deadline.within(HOUR, () -> Deadline.atMost(HOUR)));

        assertThat(left).isLessThanOrEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void withoutALimitOfItsOwnAWaitTakesWhatIsLeft() {
        Duration left = Deadline.within(HOUR, () -> Deadline.orElse(Duration.ZERO));

        assertThat(left).isGreaterThan(Duration.ofMinutes(1));
        assertThat(Deadline.orElse(HOUR)).isEqualTo(HOUR);
    }

    @Test
    void itIsOverWhenNothingIsLeft() {
        boolean over = Deadline.within(Duration.ZERO, Deadline::isOver);
        boolean notYet = Deadline.within(HOUR, Deadline::isOver);

        assertThat(over).isTrue();
        assertThat(notYet).isFalse();
        assertThat(Deadline.isOver()).isFalse();
    }

    @Test
    void aCallThatKnowsNoDeadlineIsInterruptedByIt() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);

        ProblemException problem =
                catchThrowableOfType(
                        ProblemException.class,
                        () ->
                                Deadline.within(
                                        Duration.ofMillis(50),
                                        () ->
                                                Deadline.keep(
                                                        "Nova", () -> hang(never, interrupted))));

        assertThat(problem.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(problem).hasMessageContaining("Nova");
        assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private static boolean hang(CountDownLatch never, CountDownLatch interrupted) {
        try {
            return never.await(1, TimeUnit.HOURS);
        } catch (InterruptedException e) {
            interrupted.countDown();
            return false;
        }
    }

    @Test
    void whatACallReturnsOrThrowsIsItsOwn() {
        ProblemException thrown =
                new ProblemException(Kind.NOT_FOUND, "server", "is gone", "make one");
        Supplier<Integer> failing =
                () -> {
                    throw thrown;
                };

        int result = Deadline.within(HOUR, () -> Deadline.keep("Nova", () -> 7));

        assertThat(result).isEqualTo(7);
        assertThatThrownBy(() -> Deadline.within(HOUR, () -> Deadline.keep("Nova", failing)))
                .isSameAs(thrown);
        assertThatThrownBy(() -> Deadline.keep("Nova", failing)).isSameAs(thrown);
    }

    @Test
    void theDeadlineEndsWithItsWorkHoweverThatEnds() {
        assertThatThrownBy(() ->
                        Deadline.within(
                                Duration.ZERO,
                                () -> {
                                    throw new IOException("gone");
                                }))
                .isInstanceOf(IOException.class);

        assertThat(Deadline.atMost(HOUR)).isEqualTo(HOUR);
    }
}
