package io.virtman.messaging.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.virtman.messaging.testing.MemoryTransport;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.wire.MessageCodec;
import io.virtman.messaging.wire.RemoteFailure;
import io.virtman.messaging.wire.RpcReply;
import io.virtman.messaging.wire.RpcRequest;
import io.virtman.testkit.Await;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever comes, the server goes on. */
class RpcServerBadInputTest {
    private static final Target TARGET = Target.of("openstack", "work");
    private static final Address TOPIC = new Address.Topic("openstack", "work");
    private static final int MAXIMUM_BYTES = 1 << 20;

    private final MemoryTransport transport = new MemoryTransport();
    private final RawCaller caller = new RawCaller(transport);
    private final RpcServer server =
            RpcServer.builder(transport)
                    .listen(TARGET)
                    .codec(new MessageCodec(MAXIMUM_BYTES))
                    .endpoint(
                            RpcEndpoint.builder()
                                    .method("work", _ -> TextNode.valueOf("done"))
                                    .method("overflow", _ -> overflow(1))
                                    .method(
                                            "memory",
                                            _ -> {
                                                throw new OutOfMemoryError("of the test");
                                            })
                                    .build())
                    .start();

    @SuppressWarnings("InfiniteRecursion") // is the point
    private static TextNode overflow(int depth) {
        return TextNode.valueOf(overflow(depth + 1).textValue() + depth);
    }

    @AfterEach
    void serverStillServes() throws InterruptedException {
        caller.send(TOPIC, RawCaller.call("work", "last", null));
        assertThat(caller.reply())
                .returns("last", reply -> reply.messageId())
                .returns(TextNode.valueOf("done"), reply -> reply.result());
        assertThat(caller.repliesLeft()).isZero();
        assertThat(transport.broker().ready("work")).isZero();
        server.close(Duration.ofSeconds(5));
        transport.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "null",
                "[]",
                "7",
                "\u0000\u0001\u0002",
                "{}",
                "{\"oslo.version\": \"2.0\"}",
                "{\"oslo.version\": \"2.0\", \"oslo.message\": 7}",
                "{\"oslo.version\": \"2.0\", \"oslo.message\": \"\"}",
                "{\"oslo.version\": \"2.0\", \"oslo.message\": \"[]\"}",
                "{\"oslo.version\": \"2.0\", \"oslo.message\": \"{}\"}",
                "{\"oslo.version\": \"2.0\", \"oslo.message\": \"{\\\"method\\\": null}\"}",
                "{\"oslo.version\": \"2.0\", \"oslo.message\": \"{\\\"args\\\": {}}\"}"
            })
    void garbageIsCountedAndDropped(String body) {
        caller.send(TOPIC, body);
        Await.until(() -> server.statistics().received() == 1);
        Await.until(
                () -> server.statistics().malformed() + server.statistics().unknownMethods() == 1);
        assertThat(server.statistics().dispatched()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"method\": \"work\", \"args\": []",
                "\"method\": 7, \"args\": {}",
                "\"args\": {}",
                "\"method\": \"work\", \"args\": {}, \"version\": {}",
                "\"method\": \"work\", \"args\": {"
            })
    void callersOfMalformedRequestsAreToldSo(String rest) throws InterruptedException {
        String inner =
                "{\"_msg_id\": \"m1\", \"_reply_q\": \"" + RawCaller.QUEUE + "\", " + rest + "}";
        caller.send(
                TOPIC,
                JsonNodeFactory.instance
                        .objectNode()
                        .put("oslo.version", "2.0")
                        .put("oslo.message", inner)
                        .toString());
        RpcReply reply = caller.reply();
        assertThat(reply.messageId()).isEqualTo("m1");
        assertThat(Objects.requireNonNull(reply.failure()))
                .returns("MalformedMessageException", RemoteFailure::type)
                .returns("io.virtman.messaging.wire", RemoteFailure::module);
        assertThat(server.statistics().malformed()).isEqualTo(1);
    }

    @Test
    void messagesThatAreTooLongAreDropped() {
        caller.send(TOPIC, "[\"" + "x".repeat(MAXIMUM_BYTES) + "\"]");
        Await.until(() -> server.statistics().malformed() == 1);
    }

    @Test
    void deepJsonIsDropped() {
        int depth = 200_000;
        caller.send(TOPIC, "[".repeat(depth) + "]".repeat(depth));
        String deep = "{\\\"a\\\":".repeat(20_000) + "1" + "}".repeat(20_000);
        caller.send(
                TOPIC,
                "{\"oslo.version\": \"2.0\", \"oslo.message\":"
                        + " \"{\\\"method\\\": \\\"work\\\", \\\"args\\\": "
                        + deep
                        + "}\"}");
        Await.until(() -> server.statistics().malformed() == 2);
    }

    @Test
    void bytesThatAreNoTextAreDropped() {
        caller.send(TOPIC, new Message(new byte[] {-1, -2, 0, 7}, null, null, "gzip", null));
        Await.until(() -> server.statistics().malformed() == 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"_private", "__init__", "no\nsuch", "oslo_rpc_server_ping"})
    void unknownMethodsAreAnswered(String method) throws InterruptedException {
        caller.send(TOPIC, RawCaller.call(method, "m1", null));
        assertThat(Objects.requireNonNull(caller.reply().failure()).type())
                .isEqualTo("NoSuchMethod");
        assertThat(server.statistics().unknownMethods()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.1", "2.0", "0.9", "1.0.1"})
    void unknownVersionsAreAnswered(String version) throws InterruptedException {
        RpcRequest request = RawCaller.call("work", "m1", null);
        caller.send(
                TOPIC,
                new RpcRequest(
                        request.method(),
                        request.args(),
                        version,
                        request.namespace(),
                        request.context(),
                        request.uniqueId(),
                        request.replyTo()));
        assertThat(Objects.requireNonNull(caller.reply().failure()).type())
                .isEqualTo("UnsupportedVersion");
    }

    @ParameterizedTest
    @ValueSource(strings = {"overflow", "memory"})
    void errorsOfMethodsAreAnswered(String method) throws InterruptedException {
        caller.send(TOPIC, RawCaller.call(method, "m1", null));
        assertThat(Objects.requireNonNull(caller.reply().failure()).type()).endsWith("Error");
        assertThat(server.statistics().failed()).isEqualTo(1);
    }

    @Test
    void aFloodOfGarbageIsCounted() {
        for (int i = 0; i < 1000; i++) {
            caller.send(TOPIC, new Message(new byte[] {'x'}, null, null, null, null));
        }
        Await.until(() -> server.statistics().malformed() == 1000);
    }
}
