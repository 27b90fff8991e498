package io.virtman.messaging.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.TransportUrl;
import io.virtman.messaging.rabbit.RabbitSettings;
import io.virtman.messaging.rabbit.RabbitTransport;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Closing while there is no broker: nobody waits for one that may never come. */
class RpcClientCloseTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Target TARGET = Target.of("openstack", "nobody");

    /** To a port where nobody listens. */
    private static RabbitTransport transport() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return RabbitTransport.open(
                    TransportUrl.parse("rabbit://a:b@127.0.0.1:" + socket.getLocalPort() + "/"),
                    RabbitOptions.DEFAULTS,
                    RabbitSettings.of("test"));
        }
    }

    @Test
    void aCallThatWaitsForTheBrokerEndsWithItsClient() throws IOException {
        try (RabbitTransport transport = transport();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            RpcClient client = RpcClient.builder(transport).timeout(Duration.ofHours(1)).build();
            CompletableFuture<JsonNode> call =
                    CompletableFuture.supplyAsync(
                            () -> client.call(TARGET, RpcCall.of("method").build()), threads);
            Await.until(() -> transport.statistics().subscriptions() == 1);
            CompletableFuture<Void> closed = CompletableFuture.runAsync(client::close, threads);
            assertThat(closed).succeedsWithin(SOON);
            assertThat(call)
                    .failsWithin(SOON)
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(MessagingException.Closed.class);
            Await.until(() -> transport.statistics().subscriptions() == 0);
        }
    }

    @Test
    void aServerThatWaitsForTheBrokerEndsWithItsTransport() throws IOException {
        RabbitTransport transport = transport();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            RpcServerBuilder builder =
                    RpcServer.builder(transport).listen(TARGET).startLimit(Duration.ofHours(1));
            CompletableFuture<RpcServer> started =
                    CompletableFuture.supplyAsync(
                            () -> builder.endpoint(RpcEndpoint.builder().build()).start(), threads);
            Await.until(() -> transport.statistics().subscriptions() == 1);
            transport.close();
            assertThat(started)
                    .failsWithin(SOON)
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(MessagingException.Closed.class);
        }
    }

    @Test
    void aCallThatWaitsForTheBrokerHasItsOwnTimeLimit() throws IOException {
        try (RabbitTransport transport = transport();
                RpcClient client = RpcClient.builder(transport).build()) {
            RpcCall call = RpcCall.of("method").timeout(Duration.ofMillis(200)).build();
            assertThatThrownBy(() -> client.call(TARGET, call))
                    .isInstanceOf(MessagingException.Timeout.class);
        }
    }
}
