package io.virtman.messaging.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.messaging.transport.Message;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class CapturesTest {
    private final MessageCodec codec = new MessageCodec(16 << 20);

    static List<Captures.Captured> all() {
        return Captures.all();
    }

    static List<Captures.Python> python() {
        return Captures.python();
    }

    @Test
    void thereAreRequestsRepliesFailuresAndNotifications() {
        assertThat(all()).filteredOn(Captures.Captured::isRequest).hasSize(73);
        assertThat(all()).filteredOn(Captures.Captured::isReply).hasSize(48);
        assertThat(all()).filteredOn(Captures.Captured::isNotification).hasSize(60);
        assertThat(all()).filteredOn(each -> each.inner().hasNonNull("failure")).hasSize(3);
    }

    @ParameterizedTest
    @MethodSource("all")
    void whatWasReadIsWrittenAsItWas(Captures.Captured captured) throws IOException {
        Message written = again(captured);

        assertThat(inner(written)).isEqualTo(withOpenFailure(captured.inner()));
        JsonNode outer = Captures.JSON.readTree(written.body());
        assertThat(outer.properties())
                .extracting(Map.Entry::getKey)
                .containsExactly("oslo.version", "oslo.message");
        assertThat(outer.get("oslo.version").textValue()).isEqualTo("2.0");
        assertThat(written.contentType()).isEqualTo("application/json");
        assertThat(written.contentEncoding()).isEqualTo("utf-8");
        assertThat(written.compression()).isNull();
        assertThat(written.expiration()).isEqualTo(captured.expiration());
    }

    @ParameterizedTest
    @MethodSource("all")
    void membersAreInPythonsOrder(Captures.Captured captured) throws IOException {
        // one program of the test bed was not oslo.messaging's client and had its own order
        if (captured.inner().has("_context_user") || captured.isReply()) {
            assertThat(inner(again(captured)).properties())
                    .extracting(Map.Entry::getKey)
                    .containsExactlyElementsOf(
                            captured.inner().properties().stream().map(Map.Entry::getKey).toList());
        }
    }

    @ParameterizedTest
    @MethodSource("python")
    void readsTheBytesPythonMakes(Captures.Python python) throws IOException {
        if (python.name().startsWith("notification")) {
            NotificationMessage read = codec.decodeNotification(python.message());
            assertThat(Captures.JSON.readTree(codec.encodeWithoutEnvelope(read).body()))
                    .isEqualTo(python.inner());
        } else if (python.inner() == null) {
            ObjectNode args = codec.decodeRequest(python.message()).args();
            assertThat(args.get("nan").doubleValue()).isNaN();
            assertThat(args.get("inf").doubleValue()).isEqualTo(Double.NEGATIVE_INFINITY);
        } else {
            assertThat(inner(codec.encode(codec.decodeRequest(python.message()), null)))
                    .isEqualTo(python.inner());
        }
    }

    private Message again(Captures.Captured captured) {
        if (captured.isRequest()) {
            return codec.encode(codec.decodeRequest(captured.message()), captured.expiration());
        }
        if (captured.isReply()) {
            return codec.encode(codec.decodeReply(captured.message()));
        }
        return codec.encode(codec.decodeNotification(captured.message()));
    }

    /** Opens the failure too, since its text differs in white space. */
    private static ObjectNode inner(Message message) throws IOException {
        JsonNode outer = Captures.JSON.readTree(message.body());
        return withOpenFailure(
                (ObjectNode) Captures.JSON.readTree(outer.get("oslo.message").textValue()));
    }

    private static ObjectNode withOpenFailure(ObjectNode inner) throws IOException {
        if (!inner.hasNonNull("failure")) {
            return inner;
        }
        ObjectNode opened = inner.deepCopy();
        opened.set("failure", Captures.JSON.readTree(inner.get("failure").textValue()));
        return opened;
    }
}
