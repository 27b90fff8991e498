package io.virtman.messaging.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.messaging.rpc.RpcCall;
import io.virtman.messaging.rpc.RpcClient;
import io.virtman.messaging.rpc.Target;
import io.virtman.testkit.RabbitBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two sides configured differently. RabbitMQ refuses the second declaration of a queue or exchange
 * with other flags (406, PRECONDITION_FAILED). Ours says so in one line and uses what there is, as
 * oslo.messaging does from 14.1 on. With 14.0.3 every call, cast and start of a server fails with
 * MessageDeliveryFailure "Unable to connect to AMQP server ... after inf tries", which hides what
 * is wrong in its last words; so Python, which comes first here, is configured as the queues are.
 */
@Timeout(60)
final class MismatchTest {
    private static final Logger TRANSPORT = Logger.getLogger("io.virtman.messaging.rabbit");

    @Test
    void oursSaysWhatDiffersAndUsesWhatThereIs() {
        RabbitBroker broker = RabbitBroker.shared();
        String exchange = Configuration.EXCHANGE + "mismatch";
        Path plain = Configuration.write(broker, exchange);
        Path durable = Configuration.write(broker, exchange, "amqp_durable_queues = true");
        String topic = Call.freshTopic();
        Lines lines = new Lines();
        TRANSPORT.addHandler(lines);
        try (PythonSide python = new PythonSide();
                JavaSide java = new JavaSide();
                JavaTransport ours = JavaTransport.open(durable);
                RpcClient client = RpcClient.builder(ours.transport()).build()) {
            python.serve(plain, topic, "one");
            Call call = Call.of(topic, "whoami");
            RpcCall whoami = RpcCall.of("whoami").timeout(Duration.ofSeconds(10)).build();
            assertThat(client.call(Target.of("mismatch", topic), whoami).asText()).isEqualTo("one");
            assertThat(ours.transport().statistics().mismatches()).isEqualTo(1);
            java.serve(durable, topic, "two");
            Side.Caller theirs = python.caller(plain);
            assertThat(theirs.call(call.server("two")).asText()).isEqualTo("two");
            assertThat(theirs.call(call.server("one")).asText()).isEqualTo("one");
        } finally {
            TRANSPORT.removeHandler(lines);
        }
        assertThat(lines.texts)
                .anySatisfy(line ->
                        assertThat(line)
                                .contains("exchange 'mismatch'", "amqp_durable_queues")
                                .doesNotContain("\n"))
                .anySatisfy(line -> assertThat(line).contains("queue '" + topic + "'"));
    }

    private static final class Lines extends Handler {
        private final List<String> texts = new CopyOnWriteArrayList<>();

        @Override
        public void publish(LogRecord record) {
            texts.add(record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
