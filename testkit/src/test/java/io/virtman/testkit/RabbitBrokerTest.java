package io.virtman.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.MessageProperties;
import org.junit.jupiter.api.Test;

class RabbitBrokerTest {
    @Test
    void keepsDurableMessagesThroughAKillAndLeavesNoProcess() throws Exception {
        long before = ProcessHandle.current().descendants().count();
        try (RabbitBroker broker = RabbitBroker.start()) {
            try (var connection = broker.connectionFactory().newConnection("publisher");
                    var channel = connection.createChannel()) {
                channel.queueDeclare("durable", true, false, false, null);
                channel.confirmSelect();
                channel.basicPublish(
                        "", "durable", MessageProperties.PERSISTENT_BASIC, new byte[] {1});
                channel.waitForConfirmsOrDie(10_000);
                assertThat(broker.connections()).containsExactly("publisher");
                assertThat(broker.channels()).isEqualTo(1);
            }
            broker.kill();
            broker.restart();
            assertThat(broker.queues()).containsEntry("durable", 1);
            broker.deleteQueue("durable");
        }
        assertThat(ProcessHandle.current().descendants().count()).isEqualTo(before);
    }
}
