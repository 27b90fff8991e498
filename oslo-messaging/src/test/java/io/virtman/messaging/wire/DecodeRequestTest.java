package io.virtman.messaging.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.virtman.messaging.transport.Message;
import io.virtman.messaging.wire.MalformedMessageException.Salvage;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DecodeRequestTest {
    private static final Salvage SALVAGE = new Salvage("id-1", "reply_1", "req-1", "m");

    private final MessageCodec codec = new MessageCodec(1 << 20);

    @Test
    void absentMembersHaveTheirDefaults() {
        RpcRequest read = codec.decodeRequest(Bodies.enveloped("{\"method\": \"m\"}"));

        assertThat(read.args()).isEmpty();
        assertThat(read.version()).isEqualTo("1.0");
        assertThat(read.namespace()).isNull();
        assertThat(read.uniqueId()).isNull();
        assertThat(read.replyTo()).isNull();
        assertThat(read.context().attributes()).isEmpty();
    }

    @Test
    void onlyAMessageIdMakesItACall() {
        assertThat(
                        codec.decodeRequest(
                                        Bodies.enveloped(
                                                "{\"method\": \"m\", \"_reply_q\": \"q\"}"))
                                .replyTo())
                .isNull();
        assertThat(
                        codec.decodeRequest(
                                        Bodies.enveloped("{\"method\": \"m\", \"_msg_id\": \"\"}"))
                                .replyTo())
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({"60, 60", "60.9, 60", "0, ", "0.5, ", "null, ", "1000000, 1000000"})
    void timeoutIsSecondsOrNothing(String timeout, @Nullable Integer seconds) {
        RpcRequest read = codec.decodeRequest(Bodies.call("\"_timeout\": " + timeout));

        assertThat(Objects.requireNonNull(read.replyTo()).monitorSeconds()).isEqualTo(seconds);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "_timeout; -1",
                "_timeout; 1000001",
                "_timeout; 1e400",
                "_timeout; 99999999999999999999",
                "_timeout; NaN",
                "_timeout; true",
                "_timeout; \"60\"",
                "_timeout; []",
                "args; []",
                "args; null",
                "args; \"x\"",
                "method; null",
                "method; 1",
                "method; \"\"",
                "method; {}",
                "version; null",
                "version; 1.0",
                "namespace; 1",
                "_unique_id; []",
                "_msg_id; 5",
                "_msg_id; \"a\\nb\"",
                "_reply_q; null",
                "_reply_q; \"\"",
                "_reply_q; 1",
                "_reply_q; \"caf\\u00e9\""
            },
            delimiter = ';')
    void namesTheMemberThatIsWrong(String name, String value) {
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> codec.decodeRequest(Bodies.call("\"" + name + "\": " + value)))
                .withMessageContaining(name)
                .satisfies(thrown -> {
                    Salvage salvage = Objects.requireNonNull(thrown.salvage());
                    assertThat(salvage.requestId()).isEqualTo("req-1");
                    if (!name.startsWith("_m")) {
                        assertThat(salvage.messageId()).isEqualTo("id-1");
                    }
                });
    }

    @Test
    void namesOfQueuesFitIntoAmqp() {
        refused(Bodies.call("\"_reply_q\": \"" + "q".repeat(256) + "\""), "_reply_q");
        codec.decodeRequest(Bodies.call("\"_reply_q\": \"" + "q".repeat(255) + "\""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "3.0", "2.1", "2", "2.x", "20.0", "-2.0", ""})
    void onlyEnvelopesThatPythonReads(String version) {
        refused(
                Bodies.raw(
                        "{\"oslo.version\": \"%s\", \"oslo.message\": \"{}\"}".formatted(version)),
                "oslo.version");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = ';',
            value = {
                "{}; oslo.version",
                "{\"oslo.version\": \"2.0\"}; oslo.message",
                "{\"oslo.message\": \"{}\"}; oslo.version",
                "{\"oslo.version\": 2.0, \"oslo.message\": \"{}\"}; oslo.version",
                "{\"oslo.version\": \"2.0\", \"oslo.message\": {}}; oslo.message",
                "{\"oslo.version\": \"2.0\", \"oslo.message\": \"[]\"}; oslo.message",
                "{\"oslo.version\": \"2.0\", \"oslo.message\": \"\"}; oslo.message",
                "{\"oslo.version\": \"2.0\", \"oslo.message\": \"{}{}\"}; oslo.message",
                "{\"oslo.version\": \"2.0\", \"oslo.message\": \"{}\"} x; body",
                "{\"method\": \"m\"}; oslo.version",
                "[]; body",
                "\"text\"; body",
                "null; body",
                "``; body",
                "{; body",
                "\u0000; body"
            })
    void anythingElseIsNoEnvelope(String body, String named) {
        refused(Bodies.raw(body), named);
    }

    @Test
    void otherEncodingsOfTextAreNotGuessed() {
        String text =
                "{\"oslo.version\": \"2.0\", \"oslo.message\": \"{\\\"method\\\": \\\"m\\\"}\"}";
        codec.decodeRequest(Bodies.raw(text));
        refused(Message.json(text.getBytes(StandardCharsets.UTF_16LE), null), "body");
        refused(Message.json(text.getBytes(StandardCharsets.UTF_16), null), "body");
        refused(Bodies.raw("\ufeff" + text), "body");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/data", "application/x-python-serialize", ""})
    void onlyJsonIsRead(String type) {
        byte[] body = Bodies.call("\"x\": 1").body();
        refused(new Message(body, type, "utf-8", null, null), "content type");
        refused(new Message(body, null, null, null, null), "content type");
    }

    @Test
    void ofEqualNamesTheLastCounts() {
        assertThat(codec.decodeRequest(Bodies.call("\"method\": \"last\"")).method())
                .isEqualTo("last");
    }

    @Test
    void numbersAreExact() {
        var args =
                codec.decodeRequest(
                                Bodies.call(
                                        "\"args\": {\"i\": 123456789012345678901234567890, \"d\":"
                                                + " 0.12345678901234567890123, \"w\": 16.0,"
                                                + " \"huge\": 1e999999999, \"tiny\": 1e-999999999}"))
                        .args();

        assertThat(args.get("i").bigIntegerValue())
                .isEqualTo(new BigInteger("123456789012345678901234567890"));
        assertThat(args.get("d").decimalValue())
                .isEqualTo(new BigDecimal("0.12345678901234567890123"));
        assertThat(args.get("w")).hasToString("16.0");
        assertThat(args.get("huge").doubleValue()).isInfinite();
        assertThat(args.get("tiny").doubleValue()).isZero();
    }

    @Test
    void limitsHold() {
        refused(Bodies.call("\"args\": {\"x\": " + "9".repeat(1001) + "}"), "too long");
        refused(Bodies.call("\"" + "n".repeat(60_000) + "\": 1"), "too long");
        refused(Bodies.call("\"x\": " + "[".repeat(201) + "]".repeat(201)), "too deep");
        refused(Bodies.call("\"x\": \"" + "x".repeat(1 << 20) + "\""), "1048576 bytes");
        MessageCodec large = new MessageCodec(32 << 20);
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() ->
                        large.decodeRequest(
                                Bodies.call("\"x\": [" + "[],".repeat(1_100_000) + "[]]")))
                .withMessageContaining("too");
        assertThat(codec.decodeRequest(Bodies.call("\"x\": " + "[".repeat(190) + "]".repeat(190))))
                .isNotNull();
    }

    private void refused(Message message, String named) {
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> codec.decodeRequest(message))
                .withMessageContaining(named)
                .satisfies(thrown -> {
                    Salvage salvage = thrown.salvage();
                    if (salvage != null && salvage.replyQueue() != null) {
                        assertThat(salvage).isEqualTo(SALVAGE);
                    }
                });
    }
}
