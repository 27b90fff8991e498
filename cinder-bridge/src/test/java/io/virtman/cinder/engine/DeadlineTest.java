package io.virtman.cinder.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
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
