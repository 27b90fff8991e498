package io.virtman.messaging.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.virtman.messaging.testing.MemoryTransport;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.wire.RemoteFailure;
import io.virtman.testkit.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Client and server together. */
class RpcCallTest {
    private static final Target TARGET = Target.of("openstack", "echo");

    private final MemoryTransport transport = new MemoryTransport();
    private final RpcClient client = RpcClient.builder(transport).build();

    @AfterEach
    void close() {
        client.close();
        transport.close();
    }

    private RpcServer serve(String name, RpcEndpoint endpoint) {
        return RpcServer.builder(transport)
                .listen(TARGET.withServer(name))
                .endpoint(endpoint)
                .ping()
                .start();
    }

    private static RpcEndpoint echo() {
        return RpcEndpoint.builder()
                .version("1.3")
                .method("echo", request -> request.args().get("text"))
                .method("nothing", _ -> null)
                .method(
                        "fault",
                        _ -> {
                            throw RpcFault.of(
                                            "cinder.exception",
                                            "VolumeNotFound",
                                            "Volume 7 could not be found.")
                                    .with("volume_id", TextNode.valueOf("7"))
                                    .with("code", IntNode.valueOf(404));
                        })
                .method(
                        "broken",
                        _ -> {
                            throw new IllegalStateException("out of order");
                        })
                .method(
                        "endless",
                        _ -> {
                            throw new StackOverflowError("deep");
                        })
                .build();
    }

    @Test
    void returnsWhatTheServerReturns() {
        try (RpcServer server = serve("a", echo())) {
            assertThat(client.call(TARGET, RpcCall.of("echo").arg("text", "hello").build()))
                    .isEqualTo(TextNode.valueOf("hello"));
            assertThat(client.call(TARGET, RpcCall.of("nothing").build()).isNull()).isTrue();
            assertThat(client.call(TARGET.withServer("a"), RpcCall.of("nothing").build()).isNull())
                    .isTrue();
            assertThat(client.call(TARGET, RpcCall.of("oslo_rpc_server_ping").build()).textValue())
                    .isEqualTo("pong");
            Await.until(() -> server.statistics().repliesSent() == 4);
            assertThat(server.statistics())
                    .returns(4L, RpcStatistics::received)
                    .returns(4L, RpcStatistics::dispatched)
                    .returns(4L, RpcStatistics::succeeded);
            assertThat(client.statistics())
                    .returns(4L, RpcClientStatistics::calls)
                    .returns(4L, RpcClientStatistics::replies)
                    .returns(0, RpcClientStatistics::waiting);
        }
    }

    @Test
    void faultsAreExceptionsOfOpenStacks() {
        try (RpcServer server = serve("a", echo())) {
            assertThatThrownBy(() -> client.call(TARGET, RpcCall.of("fault").build()))
                    .isInstanceOfSatisfying(
                            RemoteException.class,
                            e -> {
                                RemoteFailure failure = e.failure();
                                assertThat(failure.module()).isEqualTo("cinder.exception");
                                assertThat(failure.type()).isEqualTo("VolumeNotFound");
                                assertThat(failure.args())
                                        .containsExactly(
                                                TextNode.valueOf("Volume 7 could not be found."));
                                assertThat(failure.kwargs())
                                        .hasToString("{\"volume_id\":\"7\",\"code\":404}");
                            })
                    .hasMessage("cinder.exception.VolumeNotFound: Volume 7 could not be found.");
            assertThat(server.statistics().expectedFailures()).isEqualTo(1);
        }
    }

    @Test
    void otherExceptionsGoByTheirJavaNames() {
        try (RpcServer server = serve("a", echo())) {
            assertThatThrownBy(() -> client.call(TARGET, RpcCall.of("broken").build()))
                    .isInstanceOf(RemoteException.class)
                    .hasMessage("java.lang.IllegalStateException: out of order");
            assertThatThrownBy(() -> client.call(TARGET, RpcCall.of("endless").build()))
                    .hasMessage("java.lang.StackOverflowError: deep");
            assertThat(client.call(TARGET, RpcCall.of("nothing").build()).isNull()).isTrue();
            assertThat(server.statistics().failed()).isEqualTo(2);
        }
    }

    private static final class VolumeNotFound extends RuntimeException {
        private static final long serialVersionUID = 1;

        VolumeNotFound(RemoteFailure failure) {
            super(failure.kwargs().path("volume_id").asText());
        }
    }

    @Test
    void mappedFailuresAreExceptionsOfTheProgram() {
        RemoteExceptionMapper mapper =
                RemoteExceptionMapper.builder()
                        .map("cinder.exception", "VolumeNotFound", VolumeNotFound::new)
                        .build();
        try (RpcServer _ = serve("a", echo());
                RpcClient mapping = RpcClient.builder(transport).exceptions(mapper).build()) {
            assertThatThrownBy(() -> mapping.call(TARGET, RpcCall.of("fault").build()))
                    .isInstanceOf(VolumeNotFound.class)
                    .hasMessage("7");
            assertThat(mapping.callAsync(TARGET, RpcCall.of("fault").build()))
                    .failsWithin(RawCaller.LIMIT)
                    .withThrowableThat()
                    .withCauseInstanceOf(VolumeNotFound.class);
        }
    }

    @Test
    void unknownMethodsAndVersionsFailAsInPython() {
        try (RpcServer server = serve("a", echo())) {
            assertThatThrownBy(() -> client.call(TARGET, RpcCall.of("sing").build()))
                    .isInstanceOf(RemoteException.class)
                    .hasMessage(
                            "oslo_messaging.rpc.dispatcher.NoSuchMethod:"
                                    + " Endpoint does not support RPC method sing");
            assertThatThrownBy(() ->
                            client.call(TARGET.withVersion("1.4"), RpcCall.of("echo").build()))
                    .hasMessage(
                            "oslo_messaging.rpc.dispatcher.UnsupportedVersion: Endpoint does not"
                                    + " support RPC version 1.4. Attempted method: echo");
            assertThatThrownBy(() ->
                            client.call(TARGET.withNamespace("other"), RpcCall.of("echo").build()))
                    .hasMessageContaining("UnsupportedVersion");
            assertThat(server.statistics().unknownMethods()).isEqualTo(3);
        }
    }

    @Test
    void fanoutCastsReachEveryServer() {
        AtomicInteger count = new AtomicInteger();
        RpcEndpoint counting =
                RpcEndpoint.builder()
                        .method(
                                "count",
                                _ -> {
                                    count.incrementAndGet();
                                    return null;
                                })
                        .build();
        try (RpcServer _ = serve("a", counting);
                RpcServer _ = serve("b", counting)) {
            client.cast(TARGET.withFanout(), RpcCall.of("count").build());
            Await.until(() -> count.get() == 2);
            client.cast(TARGET, RpcCall.of("count").build());
            client.cast(TARGET.withServer("b"), RpcCall.of("count").build());
            Await.until(() -> count.get() == 4);
        }
    }

    @Test
    void serverThatLeavesTheSharedQueueOutIsNotGivenItsRequests() {
        try (RpcServer server =
                RpcServer.builder(transport)
                        .listen(TARGET.withServer("a"), RpcServerBuilder.Queue.SERVER)
                        .endpoint(echo())
                        .start()) {
            RpcCall call = RpcCall.of("nothing").mandatory().build();
            assertThatThrownBy(() -> client.call(TARGET, call))
                    .isInstanceOf(MessagingException.Undeliverable.class);
            assertThatThrownBy(() -> client.cast(TARGET.withFanout(), call))
                    .isInstanceOf(MessagingException.Undeliverable.class);
            assertThat(client.call(TARGET.withServer("a"), call).isNull()).isTrue();
            assertThat(server.statistics().received()).isEqualTo(1);
        }
    }

    @Test
    void manyCallsAtATimeGetTheirOwnReplies() {
        try (RpcServer _ = serve("a", echo())) {
            List<CompletableFuture<String>> all = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                all.add(
                        client.callAsync(TARGET, RpcCall.of("echo").arg("text", "" + i).build())
                                .thenApply(result -> result.textValue()));
            }
            for (int i = 0; i < all.size(); i++) {
                assertThat(all.get(i).join()).isEqualTo("" + i);
            }
        }
    }

    @Test
    void noThreadOutlivesClientAndServer() {
        RpcServer server = serve("a", echo());
        client.call(TARGET, RpcCall.of("nothing").build());
        server.close();
        client.close();
        Await.until(() ->
                Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("rpc-")));
    }
}
