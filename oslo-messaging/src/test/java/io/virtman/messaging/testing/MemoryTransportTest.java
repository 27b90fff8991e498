package io.virtman.messaging.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.Transport;
import io.virtman.messaging.transport.Transport.Routing;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MemoryTransportTest extends TransportContract {
    private final AtomicLong nanoTime = new AtomicLong(System.nanoTime());
    private final MemoryBroker broker = new MemoryBroker();

    @Override
    protected Transport open() {
        return new MemoryTransport(broker);
    }

    @Test
    void deliversAgainWhatALostConnectionLeftUnsettled() {
        Transport transport = transport();
        Inbox inbox = new Inbox(false);
        Address address = new Address.Topic("exchange", topic);
        subscribe(transport, address, 2, inbox);
        for (int i = 0; i < 3; i++) {
            send(transport, address, "" + i);
        }
        inbox.await(2);
        broker.dropConnections();
        inbox.await(4);
        assertThat(inbox.texts()).containsExactly("0", "1", "0", "1");
        inbox.deliveries.get(0).acknowledge(); // of the lost connection
        assertThat(broker.ready(topic)).isEqualTo(1);
        assertThat(inbox.deliveries.get(2).redelivered()).isTrue();
        inbox.deliveries.get(2).acknowledge();
        inbox.await(5);
        assertThat(inbox.deliveries.get(4).redelivered()).isFalse();
    }

    @Test
    void aServerIsATopicOfItsFullName() {
        Transport transport = transport();
        Inbox inbox = new Inbox(true);
        subscribe(transport, new Address.Topic("exchange", topic + ".server"), 1, inbox);
        send(transport, new Address.Server("exchange", topic, "server"), "text");
        inbox.await(1);
    }

    @Test
    void messagesExpireByTheBrokersClock() {
        MemoryBroker clocked = new MemoryBroker(nanoTime::get);
        try (MemoryTransport transport = new MemoryTransport(clocked)) {
            Address address = new Address.Notification("exchange", topic, "info");
            for (int seconds : new int[] {1, 3}) {
                Message message =
                        Message.json(
                                ("" + seconds).getBytes(StandardCharsets.UTF_8),
                                Duration.ofSeconds(seconds));
                join(transport.send(address, message, Routing.OPTIONAL, LIMIT));
            }
            nanoTime.addAndGet(2_000_000_000L);
            Inbox inbox = new Inbox(true);
            subscribe(transport, address, 1, inbox);
            inbox.await(1);
            assertThat(inbox.texts()).containsExactly("3");
        }
    }

    @Test
    void aHandlerCannotChangeWhatWasSent() {
        Transport transport = transport();
        Inbox inbox = new Inbox(true);
        Address address = new Address.Fanout(topic);
        subscribe(transport, address, 1, inbox);
        Message message = message("text");
        join(transport.send(address, message, Routing.MANDATORY, LIMIT));
        inbox.await(1);
        message.body()[0] = 'n';
        assertThat(inbox.texts()).containsExactly("text");
    }
}
