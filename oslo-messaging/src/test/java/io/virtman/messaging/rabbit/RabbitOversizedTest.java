package io.virtman.messaging.rabbit;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.TransportUrl;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Delivery;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.Transport.Routing;
import io.virtman.testkit.Await;
import io.virtman.testkit.RabbitBroker;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A message of 100 MB to a program that takes 1 MiB. */
class RabbitOversizedTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int HUGE = 100_000_000;

    @Test
    void anOversizedMessageIsHandedOverAloneAndAllGoesOn() throws Exception {
        String url = RabbitBroker.shared().uri();
        Address.Topic address = new Address.Topic("oversized", "topic-" + UUID.randomUUID());
        List<Integer> lengths = new CopyOnWriteArrayList<>();
        List<Delivery> held = new CopyOnWriteArrayList<>();
        try (RabbitTransport sender =
                        RabbitTransport.open(
                                TransportUrl.parse(url),
                                RabbitOptions.DEFAULTS,
                                RabbitSettings.of("sender"));
                RabbitTransport receiver =
                        RabbitTransport.open(
                                TransportUrl.parse(url),
                                RabbitOptions.DEFAULTS,
                                RabbitSettings.of("receiver").withMaximumBody(1 << 20))) {
            receiver.subscribe(
                    List.of(address),
                    10,
                    delivery -> {
                        int length = delivery.message().body().length;
                        lengths.add(length);
                        if (length == HUGE) {
                            delivery.reject(false);
                        } else if (length < 100) {
                            delivery.acknowledge();
                        } else {
                            held.add(delivery);
                        }
                    },
                    LIMIT);
            send(sender, address, 1);
            send(sender, address, HUGE);
            send(sender, address, 2);
            Await.until(() -> lengths.containsAll(List.of(1, HUGE, 2)));
            assertThat(lengths.stream().filter(length -> length == HUGE)).hasSize(1);
            assertThat(receiver.statistics().oversized()).isEqualTo(1);
            assertThat(receiver.statistics().losses()).isEqualTo(1);
            // as before: more than one at a time, on a third connection
            Await.until(() -> receiver.statistics().connects() == 3);
            send(sender, address, 1000);
            send(sender, address, 1001);
            Await.until(() -> held.size() == 2);
            held.forEach(Delivery::acknowledge);
            Await.until(() -> receiver.statistics().unsettled() == 0);
        }
    }

    @Test
    void anOversizedMessageDoesNotWaitForWorkThatIsUnderWay() throws Exception {
        TransportUrl url = TransportUrl.parse(RabbitBroker.shared().uri());
        Address.Topic address = new Address.Topic("oversized", "topic-" + UUID.randomUUID());
        List<Integer> lengths = new CopyOnWriteArrayList<>();
        List<Delivery> working = new CopyOnWriteArrayList<>();
        try (RabbitTransport sender =
                        RabbitTransport.open(
                                url, RabbitOptions.DEFAULTS, RabbitSettings.of("sender"));
                RabbitTransport receiver =
                        RabbitTransport.open(
                                url,
                                RabbitOptions.DEFAULTS,
                                RabbitSettings.of("receiver").withMaximumBody(1 << 20))) {
            receiver.subscribe(
                    List.of(address),
                    10,
                    delivery -> {
                        int length = delivery.message().body().length;
                        lengths.add(length);
                        if (length > 1 << 20) {
                            delivery.reject(false);
                        } else {
                            working.add(delivery); // it comes again with each connection
                        }
                    },
                    LIMIT);
            send(sender, address, 500);
            Await.until(() -> !working.isEmpty());
            send(sender, address, 2 << 20);
            Await.until(() -> lengths.contains(2 << 20));
            assertThat(working).extracting(Delivery::redelivered).contains(true);
            working.forEach(Delivery::acknowledge);
        }
    }

    private static void send(RabbitTransport transport, Address to, int length) throws Exception {
        transport
                .send(to, Message.json(new byte[length], null), Routing.MANDATORY, LIMIT)
                .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
}
