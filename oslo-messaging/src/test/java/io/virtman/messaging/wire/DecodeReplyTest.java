package io.virtman.messaging.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DecodeReplyTest {
    private final MessageCodec codec = new MessageCodec(1 << 20);

    @Test
    void absentMembersHaveTheirDefaults() {
        RpcReply read = codec.decodeReply(Bodies.enveloped("{\"_msg_id\": \"id\"}"));

        assertThat(read.result().isNull()).isTrue();
        assertThat(read.failure()).isNull();
        assertThat(read.ending()).isFalse();
        assertThat(read.uniqueId())
                .isNotEqualTo(
                        codec.decodeReply(Bodies.enveloped("{\"_msg_id\": \"id\"}")).uniqueId());
    }

    @Test
    void emptyFailureIsNone() {
        assertThat(
                        codec.decodeReply(
                                        Bodies.enveloped(
                                                "{\"_msg_id\": \"id\", \"failure\": \"\"}"))
                                .failure())
                .isNull();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = ';',
            value = {
                "_msg_id; null",
                "_msg_id; 1",
                "failure; {}",
                "failure; \"x\"",
                "failure; \"[]\"",
                "ending; \"true\"",
                "ending; 1",
                "_unique_id; {}"
            })
    void namesTheMemberThatIsWrong(String name, String value) {
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() ->
                        codec.decodeReply(
                                Bodies.enveloped(
                                        "{\"_msg_id\": \"id\", \"%s\": %s}"
                                                .formatted(name, value))))
                .withMessageContaining(name)
                .satisfies(thrown -> {
                    if (!name.equals("_msg_id")) {
                        assertThat(Objects.requireNonNull(thrown.salvage()).messageId())
                                .isEqualTo("id");
                    }
                });
    }

    @Test
    void strangeFailuresAreReadAsFarAsPossible() {
        RemoteFailure failure =
                Objects.requireNonNull(
                        codec.decodeReply(
                                        Bodies.enveloped(
                                                """
                                                {"_msg_id": "id", "failure": "{\\"class\\": 5, \
                                                \\"tb\\": \\"x\\", \\"args\\": {\\"a\\": 1}, \
                                                \\"kwargs\\": [], \\"message\\": null}"}\
                                                """))
                                .failure());

        assertThat(failure.type()).isEqualTo("5");
        assertThat(failure.module()).isEmpty();
        assertThat(failure.message()).isEmpty();
        assertThat(failure.traceback()).isEmpty();
        assertThat(failure.args()).isEmpty();
        assertThat(failure.kwargs()).isEmpty();
    }
}
