package io.virtman.messaging.rabbit;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.messaging.config.QueueOptions;
import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.ReconnectOptions;
import io.virtman.messaging.config.TransportUrl;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.Transport.Routing;
import io.virtman.testkit.Await;
import io.virtman.testkit.RabbitBroker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A broker killed with kill -9 and started again. */
class RabbitRestartTest {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @Test
    void losesNothingThatWasConfirmedThroughAKill() throws Exception {
        RabbitOptions options =
                RabbitOptions.DEFAULTS
                        .withQueues(QueueOptions.DEFAULTS.withDurable(true))
                        .withReconnect(
                                new ReconnectOptions(
                                        Duration.ofMillis(200),
                                        Duration.ofMillis(200),
                                        Duration.ofSeconds(1),
                                        Duration.ofMillis(200),
                                        ReconnectOptions.FailoverStrategy.ROUND_ROBIN));
        Address.Topic address = new Address.Topic("restart", "durable");
        Set<String> received = ConcurrentHashMap.newKeySet();
        try (RabbitBroker broker = RabbitBroker.start();
                RabbitTransport transport =
                        RabbitTransport.open(
                                TransportUrl.parse(broker.uri()),
                                options,
                                RabbitSettings.of("restart"))) {
            // for the queue to be there, with nobody who takes anything from it
            transport.subscribe(List.of(address), 1, _ -> {}, LIMIT).close();
            Set<String> texts = new HashSet<>();
            List<CompletableFuture<Void>> sent = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                texts.add("text " + i);
                sent.add(send(transport, address, "text " + i));
            }
            sent.getFirst().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            broker.kill();
            Await.until(() -> transport.statistics().losses() == 2);
            for (int i = 200; i < 300; i++) {
                texts.add("text " + i);
                sent.add(send(transport, address, "text " + i));
            }
            broker.restart();
            for (CompletableFuture<Void> each : sent) {
                each.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
            transport.subscribe(
                    List.of(address),
                    50,
                    delivery -> {
                        received.add(new String(delivery.message().body(), StandardCharsets.UTF_8));
                        delivery.acknowledge();
                    },
                    LIMIT);
            Await.until(() -> received.equals(texts));
            assertThat(transport.statistics().inFlight()).isZero();
            // what an operator does, or a broker that is shut down in order
            broker.control("close_all_connections", "--global", "on purpose");
            Await.until(() -> transport.statistics().losses() == 4);
            CompletableFuture<Void> last = send(transport, address, "last");
            last.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            Await.until(() -> received.contains("last"));
            Await.until(() -> transport.statistics().unsettled() == 0);
        }
    }

    private static CompletableFuture<Void> send(
            RabbitTransport transport, Address to, String text) {
        Message message = Message.json(text.getBytes(StandardCharsets.UTF_8), null);
        return transport.send(to, message, Routing.MANDATORY, LIMIT);
    }
}
