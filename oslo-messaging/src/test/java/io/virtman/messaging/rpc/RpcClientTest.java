package io.virtman.messaging.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.virtman.messaging.testing.MemoryTransport;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.transport.Transport;
import io.virtman.messaging.wire.MalformedMessageException;
import io.virtman.messaging.wire.MessageCodec;
import io.virtman.messaging.wire.RemoteFailure;
import io.virtman.messaging.wire.RpcReply;
import io.virtman.messaging.wire.RpcRequest;
import io.virtman.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The client against a server that the test plays, with time in its hand. */
class RpcClientTest {
    private static final Target TARGET = Target.of("openstack", "work").withVersion("1.5");
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private record Received(RpcRequest request, Message message) {
        RpcRequest.ReplyTo caller() {
            return Objects.requireNonNull(request.replyTo());
        }
    }

    private final MemoryTransport transport = new MemoryTransport();
    private final ManualTimers timers = new ManualTimers();
    private final MessageCodec codec = new MessageCodec(RpcServerBuilder.MAXIMUM_BYTES);
    private final BlockingQueue<Received> requests = new LinkedBlockingQueue<>();
    private final RpcClient client =
            RpcClient.builder(transport)
                    .timers(timers)
                    .versionCap("1.6")
                    .maximumOutstanding(5)
                    .build();

    @BeforeEach
    void listen() {
        transport.subscribe(
                List.of(new Address.Topic("openstack", "work"), new Address.Fanout("work")),
                100,
                delivery -> {
                    delivery.acknowledge();
                    requests.add(
                            new Received(
                                    codec.decodeRequest(delivery.message()), delivery.message()));
                },
                LIMIT);
    }

    @AfterEach
    void close() {
        client.close();
        assertThat(timers.alarms()).isZero();
        assertThat(client.statistics().waiting()).isZero();
        transport.close();
    }

    private Received received() throws InterruptedException {
        return Objects.requireNonNull(requests.poll(20, TimeUnit.SECONDS));
    }

    private void reply(Received to, JsonNode result, boolean ending) {
        reply(to, new RpcReply(to.caller().messageId(), result, null, ending, MessageIds.fresh()));
    }

    private void reply(Received to, RpcReply reply) {
        send(to, codec.encode(reply));
    }

    private void send(Received to, Message message) {
        transport
                .send(
                        new Address.Reply(to.caller().queue()),
                        message,
                        Transport.Routing.MANDATORY,
                        LIMIT)
                .join();
    }

    private static RpcCall.Builder call() {
        return RpcCall.of("work").arg("n", 1).arg("flag", true);
    }

    @Test
    void callsExpireAndCastsDoNot() throws InterruptedException {
        CompletableFuture<JsonNode> result =
                client.callAsync(TARGET, call().timeout(Duration.ofSeconds(7)).build());
        Received called = received();
        assertThat(called.message().expiration()).isEqualTo(Duration.ofSeconds(7));
        assertThat(called.request())
                .returns("work", RpcRequest::method)
                .returns("1.5", RpcRequest::version)
                .returns(null, RpcRequest::namespace);
        assertThat(called.request().args()).hasToString("{\"n\":1,\"flag\":true}");
        assertThat(called.request().uniqueId()).matches("[0-9a-f]{32}");
        assertThat(called.caller().messageId()).matches("[0-9a-f]{32}");
        assertThat(called.caller().queue()).matches("reply_[0-9a-f]{32}");
        assertThat(called.caller().monitorSeconds()).isNull();
        result.cancel(false);

        client.cast(TARGET, call().build());
        client.castAsync(TARGET.withFanout(), call().build()).join();
        for (int i = 0; i < 2; i++) {
            Received cast = received();
            assertThat(cast.message().expiration()).isNull();
            assertThat(cast.request().replyTo()).isNull();
        }
        assertThat(client.statistics())
                .returns(1L, RpcClientStatistics::calls)
                .returns(2L, RpcClientStatistics::casts);
    }

    @Test
    void timeoutsAreHardAndLateRepliesCounted() throws InterruptedException {
        CompletableFuture<JsonNode> result =
                client.callAsync(TARGET, call().timeout(Duration.ofSeconds(7)).build());
        Received called = received();
        timers.advance(Duration.ofSeconds(6));
        assertThat(result).isNotDone();
        timers.advance(Duration.ofSeconds(1));
        assertThat(result)
                .failsWithin(LIMIT)
                .withThrowableThat()
                .withCauseInstanceOf(MessagingException.Timeout.class)
                .withMessageContaining("no reply in PT7S to work");
        reply(called, NullNode.getInstance(), true);
        Await.until(() -> client.statistics().unexpectedReplies() == 1);
    }

    @Test
    void signsOfLifeExtendTheMonitorAlone() throws InterruptedException {
        CompletableFuture<JsonNode> result =
                client.callAsync(
                        TARGET,
                        call().timeout(Duration.ofSeconds(60))
                                .callMonitorTimeout(Duration.ofSeconds(10))
                                .build());
        Received called = received();
        assertThat(called.caller().monitorSeconds()).isEqualTo(10);
        for (int signs = 1; signs <= 6; signs++) {
            timers.advance(Duration.ofSeconds(9));
            reply(called, NullNode.getInstance(), false);
            long seen = signs;
            Await.until(() -> client.statistics().signsOfLife() == seen && timers.alarms() == 2);
        }
        assertThat(result).isNotDone();
        timers.advance(Duration.ofSeconds(6));
        assertThat(result)
                .failsWithin(LIMIT)
                .withThrowableThat()
                .withMessageContaining("no reply in PT1M");
    }

    @Test
    void withoutASignOfLifeAMonitoredCallFails() throws InterruptedException {
        CompletableFuture<JsonNode> result =
                client.callAsync(TARGET, call().callMonitorTimeout(Duration.ofSeconds(10)).build());
        received();
        timers.advance(Duration.ofSeconds(10));
        assertThat(result)
                .failsWithin(LIMIT)
                .withThrowableThat()
                .withMessageContaining("no sign of life in PT10S");
    }

    @Test
    void aSignOfLifeNobodyAskedForDoesNoHarm() throws InterruptedException {
        CompletableFuture<JsonNode> result = client.callAsync(TARGET, call().build());
        Received called = received();
        reply(called, NullNode.getInstance(), false);
        reply(called, TextNode.valueOf("done"), true);
        reply(called, TextNode.valueOf("again"), true);
        assertThat(result).succeedsWithin(LIMIT).isEqualTo(TextNode.valueOf("done"));
        Await.until(() -> client.statistics().unexpectedReplies() == 1);
    }

    @Test
    void oldServersSendTheResultBeforeTheEnd() throws InterruptedException {
        CompletableFuture<JsonNode> result = client.callAsync(TARGET, call().build());
        Received called = received();
        reply(called, TextNode.valueOf("done"), false);
        reply(called, NullNode.getInstance(), true);
        assertThat(result).succeedsWithin(LIMIT).isEqualTo(TextNode.valueOf("done"));
    }

    @Test
    void versionsAboveTheCapAreNotSent() {
        assertThat(client.canSendVersion("1.6")).isTrue();
        assertThat(client.canSendVersion("1.7")).isFalse();
        assertThatThrownBy(() -> client.cast(TARGET.withVersion("1.7"), call().build()))
                .isInstanceOf(VersionCapException.class)
                .hasMessageContaining("1.7");
        assertThatThrownBy(() -> client.call(TARGET.withVersion("2.0"), call().build()))
                .isInstanceOf(VersionCapException.class);
        assertThat(requests).isEmpty();
    }

    @Test
    void fanoutsCannotBeCalled() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client.call(TARGET.withFanout(), call().build()));
    }

    @Test
    void nobodyToSendToFailsMandatoryOnesAtOnce() {
        Target nobody = Target.of("openstack", "nobody");
        assertThatThrownBy(() -> client.call(nobody, call().mandatory().build()))
                .isInstanceOf(MessagingException.Undeliverable.class);
        assertThatThrownBy(() -> client.cast(nobody, call().mandatory().build()))
                .isInstanceOf(MessagingException.Undeliverable.class);
        client.cast(nobody, call().build());
    }

    @Test
    void sendFailuresFailTheCallAtOnce() {
        transport
                .broker()
                .intercept((_, _) ->
                        CompletableFuture.failedFuture(
                                new MessagingException.Timeout("no broker")));
        assertThatThrownBy(() -> client.call(TARGET, call().build())).hasMessage("no broker");
    }

    @Test
    void outstandingCallsAreBounded() throws InterruptedException {
        RpcCall call = call().timeout(Duration.ofMillis(50)).build();
        List<CompletableFuture<JsonNode>> all =
                java.util.stream.Stream.generate(() -> client.callAsync(TARGET, call))
                        .limit(5)
                        .toList();
        assertThatThrownBy(() -> client.call(TARGET, call))
                .isInstanceOf(MessagingException.Timeout.class)
                .hasMessageContaining("5 calls were under way");
        all.getFirst().cancel(false); // makes room
        CompletableFuture<JsonNode> next = client.callAsync(TARGET, call);
        for (int i = 0; i < 6; i++) {
            reply(received(), TextNode.valueOf("" + i), true);
        }
        assertThat(next).succeedsWithin(LIMIT).isEqualTo(TextNode.valueOf("5"));
        assertThat(client.statistics().waiting()).isZero();
    }

    @Test
    void interruptionForgetsTheCall() throws InterruptedException {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread thread =
                Thread.startVirtualThread(() -> {
                    try {
                        client.call(TARGET, call().build());
                    } catch (MessagingException e) {
                        thrown.complete(e);
                    }
                });
        received();
        thread.interrupt();
        assertThat(thrown).succeedsWithin(LIMIT).asString().contains("interrupted");
        assertThat(client.statistics().waiting()).isZero();
    }

    @Test
    void closingFailsTheCallsThatWait() throws InterruptedException {
        CompletableFuture<JsonNode> result = client.callAsync(TARGET, call().build());
        received();
        client.close();
        assertThat(result)
                .failsWithin(LIMIT)
                .withThrowableThat()
                .withCauseInstanceOf(MessagingException.Closed.class);
        assertThatThrownBy(() -> client.call(TARGET, call().build()))
                .isInstanceOf(MessagingException.Closed.class);
    }

    @Test
    void whatDependsOnACallMayCallAgain() throws InterruptedException {
        CompletableFuture<JsonNode> chained =
                client.callAsync(TARGET, call().build())
                        .thenApply(_ -> client.call(TARGET, call().build()));
        reply(received(), NullNode.getInstance(), true);
        reply(received(), TextNode.valueOf("second"), true);
        assertThat(chained).succeedsWithin(LIMIT).isEqualTo(TextNode.valueOf("second"));
    }

    @Test
    void malformedRepliesAreCountedAndTheNextOneIsRead() throws InterruptedException {
        CompletableFuture<JsonNode> result = client.callAsync(TARGET, call().build());
        Received called = received();
        send(called, Message.json(new byte[] {'{', '"', 0, (byte) 0xff}, null));
        send(called, Message.json(new byte[0], null));
        reply(called, TextNode.valueOf("done"), true);
        assertThat(result).succeedsWithin(LIMIT).isEqualTo(TextNode.valueOf("done"));
        assertThat(client.statistics().malformedReplies()).isEqualTo(2);
    }

    @Test
    void aMalformedReplyFailsItsCallAtOnce() throws InterruptedException {
        CompletableFuture<JsonNode> result = client.callAsync(TARGET, call().build());
        Received called = received();
        String inner =
                "{\"_msg_id\": \""
                        + called.caller().messageId()
                        + "\", \"result\": 1, \"ending\": true, \"failure\": \"no json\"}";
        String body =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("oslo.version", "2.0")
                        .put("oslo.message", inner)
                        .toString();
        send(called, Message.json(body.getBytes(StandardCharsets.UTF_8), null));
        assertThat(result)
                .failsWithin(LIMIT)
                .withThrowableThat()
                .withCauseInstanceOf(MalformedMessageException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "os, system",
        "builtins, SystemExit",
        "exceptions, KeyError",
        "java.lang, Runtime",
        "java.lang, ProcessBuilder",
        "io.virtman.messaging.rpc, RpcFault",
        "'', ''",
        "'a\nb', 'c\u0000d'"
    })
    void hostileExceptionClassesStayData(String module, String type) throws InterruptedException {
        CompletableFuture<JsonNode> result = client.callAsync(TARGET, call().build());
        Received called = received();
        RemoteFailure failure =
                new RemoteFailure(
                        type,
                        module,
                        "rm -rf /\nforged line",
                        List.of("line\n"),
                        List.of(TextNode.valueOf("rm -rf /")),
                        JsonNodeFactory.instance.objectNode().put("shell", true));
        reply(
                called,
                new RpcReply(
                        called.caller().messageId(),
                        NullNode.getInstance(),
                        failure,
                        true,
                        MessageIds.fresh()));
        assertThat(result)
                .failsWithin(LIMIT)
                .withThrowableThat()
                .havingCause()
                .isExactlyInstanceOf(RemoteException.class)
                .satisfies(e -> {
                    assertThat(((RemoteException) e).failure()).isEqualTo(failure);
                    assertThat(e.getMessage()).doesNotContain("\n", "\u0000");
                });
    }

    @Test
    void aConstructorThatFailsLeavesTheRemoteException() throws InterruptedException {
        RemoteExceptionMapper mapper =
                RemoteExceptionMapper.builder()
                        .map(
                                "builtins",
                                "KeyError",
                                _ -> {
                                    throw new IllegalStateException("no such constructor");
                                })
                        .build();
        RemoteFailure failure =
                new RemoteFailure(
                        "KeyError",
                        "exceptions",
                        "'x'",
                        List.of(),
                        List.of(),
                        JsonNodeFactory.instance.objectNode());
        assertThat(mapper.toException(failure)).isInstanceOf(RemoteException.class);
    }
}
