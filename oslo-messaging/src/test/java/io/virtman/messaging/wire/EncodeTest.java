package io.virtman.messaging.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.virtman.messaging.transport.Message;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class EncodeTest {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final MessageCodec codec = new MessageCodec(8 << 20);

    @Test
    void theBytesOfACast() {
        RpcRequest cast =
                new RpcRequest(
                        "m",
                        NODES.objectNode().put("a", "\"\\\u00e9\ud83d\ude00\n"),
                        "1.2",
                        "ns",
                        RequestContext.empty().with("request_id", "req-1"),
                        "u",
                        null);

        assertThat(text(codec.encode(cast, null)))
                .isEqualTo(
                        "{\"oslo.version\":\"2.0\",\"oslo.message\":\"{\\\"method\\\":\\\"m\\\","
                                + "\\\"args\\\":{\\\"a\\\":\\\"\\\\\\\"\\\\\\\\\\\\u00E9\\\\uD83D\\\\uDE00"
                                + "\\\\n\\\"},\\\"namespace\\\":\\\"ns\\\",\\\"version\\\":\\\"1.2\\\","
                                + "\\\"_unique_id\\\":\\\"u\\\",\\\"_context_request_id\\\":\\\"req-1\\\""
                                + "}\"}");
    }

    @Test
    void everyCharacterSurvives() {
        StringBuilder all = new StringBuilder();
        for (int character = 0; character <= 0xffff; character++) {
            all.append((char) character);
        }
        ObjectNode args = NODES.objectNode().put("text", all.toString());

        Message written = codec.encode(request(args), null);

        assertThat(codec.decodeRequest(written).args()).isEqualTo(args);
        for (byte each : written.body()) {
            assertThat(each).isGreaterThanOrEqualTo((byte) ' ');
        }
    }

    @Test
    void whatIsNoJsonIsNotWritten() {
        ObjectNode args = NODES.objectNode();
        for (JsonNode number :
                new JsonNode[] {
                    NODES.numberNode(Double.NaN),
                    NODES.numberNode(Double.NEGATIVE_INFINITY),
                    NODES.numberNode(Float.POSITIVE_INFINITY)
                }) {
            args.set("x", number);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> codec.encode(request(args), null));
        }
        ArrayNode deep = NODES.arrayNode();
        args.set("x", deep);
        for (int level = 0; level < 100_000; level++) {
            deep = deep.addArray();
        }
        assertThatIllegalArgumentException().isThrownBy(() -> codec.encode(request(args), null));
    }

    @Test
    void rawJsonStaysInsideItsString() {
        ObjectNode args = NODES.objectNode();
        args.putRawValue("x", new RawValue("{\n\"\u00e9\":\t1}"));

        assertThat(codec.decodeRequest(codec.encode(request(args), null)).args())
                .isEqualTo(NODES.objectNode().set("x", NODES.objectNode().put("\u00e9", 1)));
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void compressesForKombu(Compression compression) {
        ObjectNode args = NODES.objectNode().put("text", "x".repeat(3_000_000));
        MessageCodec packing = new MessageCodec(8 << 20, compression);

        Message written = packing.encode(request(args), null);

        assertThat(written.compression()).isEqualTo(compression.header());
        assertThat(written.body()).hasSizeLessThan(10_000);
        assertThat(codec.decodeRequest(written).args()).isEqualTo(args);
    }

    private static RpcRequest request(ObjectNode args) {
        return new RpcRequest("m", args, "1.0", null, RequestContext.empty(), "u", null);
    }

    private static String text(Message message) {
        return new String(message.body(), StandardCharsets.UTF_8);
    }
}
