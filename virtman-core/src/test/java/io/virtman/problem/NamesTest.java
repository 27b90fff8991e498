package io.virtman.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "vm-1", "debian-12.5_generic", "0", "A.b"})
    void ordinaryNamesAreKept(String name) {
        assertThat(Names.require("name", name)).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a/b",
                "..",
                "a..b",
                ".hidden",
                "-option",
                "a b",
                "a\nb",
                "a\u0000",
                "\u001b[31m",
                "ä"
            })
    void othersAreRefusedByField(String name) {
        assertThatThrownBy(() -> Names.require("vm", name))
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("vm: ")
                .hasMessageNotContainingAny("\n", "\u0000", "\u001b");
    }

    @ParameterizedTest
    @ValueSource(ints = {65, 10_000})
    void longOnesAreRefusedAndShortened(int length) {
        assertThatThrownBy(() -> Names.require("vm", "x".repeat(length)))
                .isInstanceOf(ProblemException.class)
                .extracting(Throwable::getMessage)
                .asString()
                .hasSizeLessThan(300);
    }
}
