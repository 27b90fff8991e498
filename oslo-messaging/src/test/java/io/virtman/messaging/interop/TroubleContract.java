package io.virtman.messaging.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.virtman.testkit.Await;
import io.virtman.testkit.RabbitBroker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * What is left of a conversation when its broker dies, or loses its queues: a call in progress,
 * which the server has taken, gets its result, and the next one too.
 *
 * <p>Facts of oslo.messaging 14.0.3: the reply queue is not durable, so that it is gone after a
 * restart; the caller declares it again under the same name when it has connected again, and the
 * server tries to send for {@code kombu_missing_consumer_retry_timeout} ({@code
 * _drivers/amqpdriver.py}). A server that gives up takes the queue for dead for a minute, and drops
 * the answers to all later calls of that caller as well: with 3 s instead of 60 s for that option,
 * a restarted broker leaves Python callers and Python servers apart for that minute.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TroubleContract {
    private RabbitBroker broker;
    private Side.Caller caller;
    private Side.Served server;
    private final String topic = Call.freshTopic();

    abstract Side callers();

    abstract Side servers();

    @BeforeAll
    void serve() {
        broker = Own.BROKER;
        Path configuration = Configuration.write(broker, "amqp_durable_queues = true");
        server = servers().serve(configuration, topic, "one");
        caller = callers().caller(configuration);
        assertThat(echo()).isTrue();
    }

    @AfterAll
    void close() {
        callers().close();
        if (servers() != callers()) {
            servers().close();
        }
    }

    private boolean echo() {
        return echo(Call.of(topic, "echo", Map.of("value", "there")));
    }

    private boolean echo(Call call) {
        try {
            return caller.call(call.timeout(2)).asText().equals("there");
        } catch (CallFailure e) {
            assertThat(e.kind()).isIn(CallFailure.Kind.TIMEOUT, CallFailure.Kind.NOT_SENT);
            return false;
        }
    }

    /** A call that the server has begun and will not end before it is told to. */
    private CompletableFuture<JsonNode> begin(String key) {
        CompletableFuture<JsonNode> answer =
                caller.start(Call.of(topic, "wait_for", Map.of("key", key)).timeout(25));
        Await.until(() -> server.waiting(key));
        return answer;
    }

    /** The call survived, and the next one succeeds. */
    private void end(String key, CompletableFuture<JsonNode> answer) {
        server.release(key);
        assertThat(answer.join().asBoolean()).isTrue();
        Await.until(this::echo);
    }

    private List<String> queues(String prefix) {
        return broker.queues().keySet().stream().filter(name -> name.startsWith(prefix)).toList();
    }

    /** One call is answered before the broker is back, the other one after. */
    @Test
    void brokerIsKilledInMidCall() {
        CompletableFuture<JsonNode> down = begin("down");
        CompletableFuture<JsonNode> after = begin("after");
        broker.kill();
        server.release("down");
        broker.restart();
        end("after", after);
        end("down", down);
    }

    @Test
    void connectionsAreClosedByTheOperator() {
        CompletableFuture<JsonNode> answer = begin("closed");
        broker.control("close_all_connections", "closed by a test");
        end("closed", answer);
    }

    @Test
    void replyQueueIsDeletedInMidCall() {
        CompletableFuture<JsonNode> answer = begin("no reply queue");
        queues("reply_").forEach(broker::deleteQueue);
        end("no reply queue", answer);
    }

    @Test
    void queuesAreDeletedWhileServing() {
        CompletableFuture<JsonNode> answer = begin("no queue");
        queues(topic).forEach(broker::deleteQueue);
        end("no queue", answer);
        // what is sent before its queue is back is lost
        Call addressed = Call.of(topic, "echo", Map.of("value", "there")).server("one");
        Await.until(() -> echo(addressed));
        Await.until(() -> {
            caller.fanout(Call.of(topic, "record", Map.of("value", "again")));
            return !server.received().isEmpty();
        });
    }

    /** Killed by these tests, not by others; shared by them, since starting one takes long. */
    private static final class Own {
        static final RabbitBroker BROKER = RabbitBroker.start();
    }
}
