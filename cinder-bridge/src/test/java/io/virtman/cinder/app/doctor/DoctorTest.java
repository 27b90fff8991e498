package io.virtman.cinder.app.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.cinder.app.doctor.Finding.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class DoctorTest {
    private static final Check GOOD =
            new Check("good", "", "-", () -> List.of(Finding.ok("good", "fine")));

    private static List<Finding> examine(Check... checks) throws InterruptedException {
        return new Doctor(Duration.ofMillis(200)).examine(List.of(checks));
    }

    @Test
    void aCheckThatThrowsIsAProblemWithItsRemedyAndHidesNoOther() throws Exception {
        Check bad =
                new Check(
                        "bad",
                        "",
                        "mend it",
                        () -> {
                            throw new IllegalStateException("broken\n  in two");
                        });

        assertThat(examine(bad, GOOD))
                .containsExactly(
                        Finding.problem("bad", "broken | in two", "mend it"),
                        Finding.ok("good", "fine"));
    }

    @Test
    void aCheckThatHangsIsGivenUp() throws Exception {
        Check hanging =
                new Check(
                        "hanging",
                        "",
                        "wait",
                        () -> {
                            new CountDownLatch(1).await();
                            return List.of();
                        });

        assertThat(examine(hanging, GOOD))
                .containsExactly(
                        Finding.problem("hanging", "no answer within 0 s", "wait"),
                        Finding.ok("good", "fine"));
    }

    @Test
    void whatNeedsACheckThatFailedIsNotLookedAt() throws Exception {
        Check first =
                new Check("first", "", "-", () -> List.of(Finding.problem("first", "no", "-")));
        Check second = new Check("second", "first", "-", GOOD.look());
        Check third = new Check("third", "second", "-", GOOD.look());

        assertThat(examine(first, second, third))
                .extracting(Finding::level)
                .containsExactly(Level.PROBLEM, Level.WARNING, Level.WARNING);
    }

    @Test
    void whatNeedsACheckWithAWarningIsLookedAt() throws Exception {
        Check first =
                new Check("first", "", "-", () -> List.of(Finding.warning("first", "so so", "-")));

        assertThat(examine(first, new Check("good", "first", "-", GOOD.look())))
                .extracting(Finding::level)
                .containsExactly(Level.WARNING, Level.OK);
    }
}
