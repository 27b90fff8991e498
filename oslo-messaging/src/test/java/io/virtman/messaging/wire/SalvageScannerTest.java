package io.virtman.messaging.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.virtman.messaging.transport.Message;
import io.virtman.messaging.wire.MalformedMessageException.Salvage;
import java.io.ByteArrayInputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class SalvageScannerTest {
    private static final int LONG = 100 << 20;
    private static final String START =
            "{\"oslo.version\": \"2.0\", \"oslo.message\": \"{\\\"method\\\": \\\"m\\\", \\\"args\\\": ";
    private static final String END =
            ", \\\"_msg_id\\\": \\\"id-1\\\", \\\"_reply_q\\\": \\\"reply_1\\\", \\\"_timeout\\\": null,"
                    + " \\\"_context_request_id\\\": \\\"req-1\\\"}\"}";
    private static final Salvage ALL = new Salvage("id-1", "reply_1", "req-1", "m");

    private final MessageCodec codec = new MessageCodec(16 << 20);

    @Test
    void aLongArgumentIsSkippedInConstantMemory() {
        Message message = Bodies.filled(START + "{\\\"x\\\": \\\"", 'x', LONG, "\\\"}" + END);

        assertThat(bounded(codec, message)).isEqualTo(ALL);
    }

    @Test
    void deepBracketsAreCounted() {
        assertThat(bounded(codec, Bodies.filled(START, '[', LONG, END)))
                .isEqualTo(new Salvage(null, null, null, "m"));

        Message closed = Bodies.filled(START, '[', LONG, END);
        int first = START.length();
        Arrays.fill(closed.body(), first + LONG / 2, first + LONG, (byte) ']');
        assertThat(bounded(codec, closed)).isEqualTo(ALL);
    }

    @Test
    void brokenTextIsSearchedToo() {
        assertThat(scan(Bodies.raw(START + "{}" + END.replace("}\"}", "")))).isEqualTo(ALL);
        assertThat(scan(Bodies.raw(START + "{]" + END))).isEqualTo(ALL);
        assertThat(scan(Bodies.raw(START + "nonsense" + END))).isEqualTo(ALL);
    }

    @Test
    void withoutEnvelopeTheMembersAreOutside() {
        assertThat(
                        scan(
                                Bodies.raw(
                                        """
                                        {"method": "m", "_msg_id": "id-1", "_reply_q": "reply_1",
                                         "_context_request_id": "req-1"}\
                                        """)))
                .isEqualTo(ALL);
    }

    @Test
    void onlyTheTopLevelCounts() {
        assertThat(
                        scan(
                                Bodies.enveloped(
                                        """
                                        {"args": {"_msg_id": "inside", "x": "\\", \\"_reply_q\\": \
                                        \\"inside\\""}, "_reply_q": ["inside"], "method": {"method": \
                                        "inside"}, "list": [{"_msg_id": "inside"}]}\
                                        """)))
                .isNull();
    }

    @Test
    void escapesAreUndone() {
        assertThat(
                        scan(
                                Bodies.enveloped(
                                        "{\"\\u005fmsg_id\": \"\\u0069d\\/1\", \"method\":"
                                                + " \"a\\\\b\\\"c\"}")))
                .isEqualTo(new Salvage("id/1", null, null, "a\\b\"c"));
    }

    @Test
    void strangeValuesAreAbsent() {
        assertThat(
                        scan(
                                Bodies.enveloped(
                                        "{\"_msg_id\": \"a\\nb\", \"_reply_q\": \""
                                                + "q".repeat(256)
                                                + "\", \"method\": \"\", \"_context_request_id\":"
                                                + " \"caf\u00e9\"}")))
                .isNull();
        assertThat(scan(Bodies.enveloped("{\"method\": \"" + "q".repeat(255) + "\"}"))).isNotNull();
    }

    @Test
    void theLastOfEqualNamesCounts() {
        assertThat(scan(Bodies.enveloped("{\"method\": \"a\", \"method\": \"b\"}")))
                .isEqualTo(new Salvage(null, null, null, "b"));
        assertThat(scan(Bodies.enveloped("{\"method\": \"a\", \"method\": \"\\n\"}"))).isNull();
    }

    @Test
    void nothingFollowsTheObject() {
        assertThat(scan(Bodies.raw("{} {\"method\": \"m\"}"))).isNull();
        assertThat(scan(Bodies.raw("[\"method\", {\"method\": \"m\"}]"))).isNull();
        assertThat(scan(Bodies.raw("]{\"method\": \"m\"}"))).isNull();
        assertThat(scan(Bodies.raw(""))).isNull();
    }

    private static @Nullable Salvage scan(Message message) {
        return SalvageScanner.scan(new ByteArrayInputStream(message.body()), Long.MAX_VALUE);
    }

    /** Decodes it, with less memory than a hundredth of it. */
    private static @Nullable Salvage bounded(MessageCodec codec, Message message) {
        com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        MalformedMessageException thrown =
                assertThatExceptionOfType(MalformedMessageException.class)
                        .isThrownBy(() -> codec.decodeRequest(message))
                        .actual();
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(LONG / 100);
        return thrown.salvage();
    }
}
