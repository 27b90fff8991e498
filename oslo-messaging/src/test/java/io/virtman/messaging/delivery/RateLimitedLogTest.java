package io.virtman.messaging.delivery;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitedLogTest {
    private final RecordingLogger logger = new RecordingLogger();
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5); // wraps around
    private final RateLimitedLog log =
            new RateLimitedLog(logger, Duration.ofSeconds(60), clock::get);

    @Test
    void logsOneLineOfAKindPerIntervalAndSaysHowManyWereLeftOut() {
        for (int i = 0; i < 5; i++) {
            log.log(WARNING, "bad", () -> "bad body");
        }
        log.log(WARNING, "late", () -> "late reply");
        clock.addAndGet(Duration.ofSeconds(60).toNanos());
        log.log(WARNING, "bad", () -> "bad body");
        assertThat(logger.lines())
                .containsExactly(
                        "WARNING bad body",
                        "WARNING late reply",
                        "WARNING bad body (4 more before)");
    }

    @Test
    void makesTheTextOnlyWhenItIsLogged() {
        log.log(
                DEBUG,
                "quiet",
                () -> {
                    throw new AssertionError("asked for a text that is not logged");
                });
        log.log(WARNING, "bad", () -> "one", new IllegalStateException("cause"));
        log.log(
                WARNING,
                "bad",
                () -> {
                    throw new AssertionError("asked for a text that is not logged");
                });
        assertThat(logger.lines())
                .containsExactly("WARNING one java.lang.IllegalStateException: cause");
    }

    @Test
    void keepsTextFromTheWireOnOneBoundedLine() {
        log.log(WARNING, "bad", () -> "a\r\nFORGED line\u001b[0m\u2028" + "x".repeat(10_000));
        assertThat(logger.lines()).hasSize(1);
        assertThat(logger.lines().get(0))
                .startsWith("WARNING a  FORGED line [0m xxx")
                .hasSizeLessThan(600);
    }

    @Test
    void boundsTheNumberOfKinds() {
        for (int i = 0; i < 1000; i++) {
            String kind = "kind " + i;
            log.log(WARNING, kind, () -> kind);
        }
        assertThat(logger.lines()).hasSizeLessThanOrEqualTo(RateLimitedLog.KINDS);
    }
}
