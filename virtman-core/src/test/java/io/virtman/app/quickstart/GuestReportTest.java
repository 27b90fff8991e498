package io.virtman.app.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.problem.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuestReportTest {
    @Test
    void readsAGoodLine() {
        assertThat(GuestReport.parse("VIRTMAN-GUEST-READY web-1 sha256=ok bytes=19330048"))
                .isEqualTo(new GuestReport("web-1", 19330048));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "VIRTMAN-GUEST-FAILED checksums differ: 1 files",
                "VIRTMAN-GUEST-READY web-1 sha256= bytes=1",
                "VIRTMAN-GUEST-READY web-1 sha256=ok bytes=-1",
                "VIRTMAN-GUEST-READY web-1 sha256=ok bytes=9999999999999999999999",
                ""
            })
    void anythingElseIsAProblem(String line) {
        assertThatThrownBy(() -> GuestReport.parse(line))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining(line);
    }
}
