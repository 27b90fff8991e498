package io.virtman.messaging.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.virtman.messaging.transport.Message;
import io.virtman.messaging.wire.MalformedMessageException.Salvage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CompressionTest {
    private final MessageCodec codec = new MessageCodec(1 << 20);
    private final Message call = Bodies.call("\"x\": 1");

    @Test
    void namesAreKombusAndOslos() {
        assertThat(Compression.named("gzip")).isEqualTo(Compression.GZIP);
        assertThat(Compression.named("zlib")).isEqualTo(Compression.GZIP);
        assertThat(Compression.named("application/x-gzip")).isEqualTo(Compression.GZIP);
        assertThat(Compression.named("bz2")).isEqualTo(Compression.BZIP2);
        assertThat(Compression.named("bzip2")).isEqualTo(Compression.BZIP2);
        assertThat(Compression.named("application/x-bz2")).isEqualTo(Compression.BZIP2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Compression.named("lzma"))
                .withMessageContaining("lzma");
    }

    @Test
    void readsRealGzip() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream stream = new GZIPOutputStream(bytes)) {
            stream.write(call.body());
        }

        assertThat(codec.decodeRequest(packed(bytes.toByteArray(), "gzip")).method())
                .isEqualTo("m");
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void bombsAreNotUnpackedButAnswered(Compression compression) {
        Message bomb =
                Bodies.filled(
                        "{\"oslo.version\": \"2.0\", \"oslo.message\": \"{\\\"_msg_id\\\": \\\"id-1\\\","
                                + " \\\"_reply_q\\\": \\\"reply_1\\\", \\\"method\\\": \\\"m\\\","
                                + " \\\"_context_request_id\\\": \\\"req-1\\\", \\\"args\\\": \\\"",
                        'x',
                        4 << 20,
                        "\\\"}\"}");

        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() ->
                        codec.decodeRequest(
                                packed(compression.compress(bomb.body()), compression.header())))
                .withMessageContaining("when decompressed")
                .satisfies(thrown ->
                        assertThat(thrown.salvage())
                                .isEqualTo(new Salvage("id-1", "reply_1", "req-1", "m")));
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void brokenBytesAreRefused(Compression compression) {
        byte[] bytes = compression.compress(call.body());
        for (int length = 0; length < bytes.length - 8; length += 7) {
            refused(packed(Arrays.copyOf(bytes, length), compression.header()));
        }
        refused(packed(call.body(), compression.header()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/x-lzma", "zstd", "x\r\ny"})
    void othersAreNamed(String header) {
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> codec.decodeRequest(packed(call.body(), header)))
                .withMessageContaining("compression " + header.replaceAll("[\r\n]", "?"));
    }

    @Test
    void emptyHeaderIsNone() {
        assertThat(codec.decodeRequest(packed(call.body(), "")).method()).isEqualTo("m");
    }

    private void refused(Message message) {
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> codec.decodeRequest(message));
    }

    private static Message packed(byte[] body, String header) {
        return new Message(body, "application/json", "utf-8", header, null);
    }
}
