package io.virtman.messaging.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.DateTimeException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TimestampsTest {
    @ParameterizedTest
    @CsvSource({
        "2026-01-02T03:04:05Z, 2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05, 2026-01-02T03:04:05Z",
        "2026-01-02 03:04:05.5, 2026-01-02T03:04:05.5Z",
        "2026-01-02T03:04:05.678901, 2026-01-02T03:04:05.678901Z",
        "2026-01-02T03:04:05+00:00, 2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.000001+02:00, 2026-01-02T01:04:05.000001Z"
    })
    void readsWhatOpenStackWrites(String text, Instant time) {
        assertThat(Timestamps.parse(text)).isEqualTo(time);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "now", "2026-01-02", "2026-13-02T03:04:05Z", "2026-01-02T03:04:05Zx"})
    void refusesTheRest(String text) {
        assertThatExceptionOfType(DateTimeException.class).isThrownBy(() -> Timestamps.parse(text));
    }

    @Test
    void writesWholeSeconds() {
        assertThat(Timestamps.format(Instant.parse("2026-01-02T03:04:00.9Z")))
                .isEqualTo("2026-01-02T03:04:00Z");
    }
}
