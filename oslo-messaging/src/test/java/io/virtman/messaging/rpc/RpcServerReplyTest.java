package io.virtman.messaging.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.virtman.messaging.testing.MemoryTransport;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.wire.RpcReply;
import io.virtman.testkit.Await;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Replies and signs of life, with time in the test's hand. */
class RpcServerReplyTest {
    private static final Target TARGET = Target.of("openstack", "work");
    private static final Address TOPIC = new Address.Topic("openstack", "work");

    private final MemoryTransport transport = new MemoryTransport();
    private ManualTimers timers = new ManualTimers();
    private final RawCaller caller = new RawCaller(transport);
    private final Gate gate = new Gate();
    private RpcServer server = start(1000);

    private RpcServer start(int pendingReplies) {
        return RpcServer.builder(transport)
                .listen(TARGET)
                .timers(timers)
                .pendingReplies(pendingReplies)
                .endpoint(
                        RpcEndpoint.builder()
                                .method("now", _ -> TextNode.valueOf("done"))
                                .method(
                                        "slow",
                                        _ -> {
                                            gate.pass();
                                            return TextNode.valueOf("done");
                                        })
                                .method(
                                        "fault",
                                        _ -> {
                                            throw RpcFault.of("module", "Type", "message")
                                                    .with("n", DoubleNode.valueOf(Double.NaN));
                                        })
                                .method(
                                        "object",
                                        _ -> JsonNodeFactory.instance.pojoNode(new Object()))
                                .build())
                .start();
    }

    @BeforeEach
    @AfterEach
    void check() {
        assertThat(caller.repliesLeft()).isZero();
    }

    @AfterEach
    void close() {
        gate.open();
        server.close();
        transport.close();
    }

    private void awaitRunning(int methods) {
        Await.until(() -> server.statistics().running() == methods);
    }

    @Test
    void castsAreNotAnswered() throws InterruptedException {
        caller.send(TOPIC, RawCaller.cast("now", "1"));
        caller.send(TOPIC, RawCaller.cast("unknown", "2"));
        caller.send(TOPIC, RawCaller.call("now", "m1", null));
        assertThat(caller.reply().messageId()).isEqualTo("m1");
        Await.until(() -> server.statistics().repliesSent() == 1);
    }

    @Test
    void whatIsNoJsonFailsTheCall() throws InterruptedException {
        caller.send(TOPIC, RawCaller.call("object", "m1", null));
        assertThat(Objects.requireNonNull(caller.reply().failure()).type())
                .isEqualTo("IllegalArgumentException");
    }

    @Test
    void faultsThatAreNoJsonFailTheCallToo() throws InterruptedException {
        caller.send(TOPIC, RawCaller.call("fault", "m1", null));
        assertThat(Objects.requireNonNull(caller.reply().failure()).module())
                .isEqualTo("java.lang");
        assertThat(server.statistics().expectedFailures()).isEqualTo(1);
    }

    @Test
    void signsOfLifeComeEveryHalfOfTheTimeoutUntilTheReply() throws InterruptedException {
        caller.send(TOPIC, RawCaller.call("slow", "m1", 5));
        Await.until(() -> timers.alarms() == 1);
        timers.advance(Duration.ofMillis(2499));
        assertThat(caller.repliesLeft()).isZero();
        for (int beat = 1; beat <= 3; beat++) {
            timers.advance(Duration.ofMillis(beat == 1 ? 1 : 2500));
            RpcReply sign = caller.reply();
            assertThat(sign)
                    .returns("m1", RpcReply::messageId)
                    .returns(false, RpcReply::ending)
                    .returns(null, RpcReply::failure);
            assertThat(sign.result().isNull()).isTrue();
        }
        gate.open();
        assertThat(caller.reply())
                .returns(true, RpcReply::ending)
                .returns(TextNode.valueOf("done"), RpcReply::result);
        awaitRunning(0);
        timers.advance(Duration.ofMinutes(1));
        assertThat(server.statistics().signsOfLife()).isEqualTo(3);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(ints = {0, 1})
    void callersThatDoNotAskGetNoSignOfLife(Integer monitorSeconds) throws InterruptedException {
        caller.send(TOPIC, RawCaller.call("slow", "m1", monitorSeconds));
        awaitRunning(1);
        timers.advance(Duration.ofMinutes(10));
        gate.open();
        assertThat(caller.reply().ending()).isTrue();
    }

    @Test
    void theReplyIsSentAfterTheLastSignOfLife() throws InterruptedException {
        CompletableFuture<Void> slowConfirm = new CompletableFuture<>();
        caller.send(TOPIC, RawCaller.call("slow", "m1", 60));
        Await.until(() -> timers.alarms() == 1);
        transport.broker().intercept((_, _) -> slowConfirm);
        timers.advance(Duration.ofSeconds(30));
        transport.broker().intercept((_, _) -> null);
        gate.open();
        Await.until(() -> server.statistics().succeeded() == 1);
        assertThat(caller.repliesLeft()).isZero();
        slowConfirm.complete(null);
        assertThat(caller.reply().ending()).isTrue();
    }

    @Test
    void aReplyWaitsForItsQueueToComeBack() throws InterruptedException {
        caller.vanish();
        caller.send(TOPIC, RawCaller.call("now", "m1", null));
        Await.until(() -> timers.alarms() == 1);
        timers.advance(Duration.ofSeconds(30));
        assertThat(server.statistics())
                .returns(120L, RpcStatistics::repliesRetried)
                .returns(0L, RpcStatistics::repliesDropped);
        caller.listen();
        timers.advance(Duration.ofMillis(250));
        assertThat(caller.reply().messageId()).isEqualTo("m1");
    }

    @Test
    void afterAMinuteTheQueueIsDeadForAnother() throws InterruptedException {
        caller.vanish();
        caller.send(TOPIC, RawCaller.call("now", "m1", null));
        Await.until(() -> timers.alarms() == 1);
        timers.advance(Duration.ofSeconds(60));
        assertThat(server.statistics().repliesDropped()).isEqualTo(1);
        assertThat(timers.alarms()).isZero();

        caller.listen();
        caller.send(TOPIC, RawCaller.call("now", "m2", null));
        Await.until(() -> server.statistics().repliesDropped() == 2); // not even tried
        timers.advance(Duration.ofSeconds(60));
        caller.send(TOPIC, RawCaller.call("now", "m3", null));
        assertThat(caller.reply().messageId()).isEqualTo("m3");
    }

    @Test
    void onlySoManyRepliesWaitForTheirQueues() {
        server.close();
        timers = new ManualTimers();
        server = start(2);
        caller.vanish();
        for (int i = 0; i < 5; i++) {
            caller.send(TOPIC, RawCaller.call("now", "m" + i, null));
        }
        Await.until(() -> server.statistics().repliesDropped() == 3);
        assertThat(server.statistics().succeeded()).isEqualTo(5);
        timers.advance(Duration.ofSeconds(61));
        assertThat(server.statistics().repliesDropped()).isEqualTo(5);
    }

    @Test
    void otherFailuresDropTheReply() {
        transport
                .broker()
                .intercept((to, _) ->
                        to instanceof Address.Reply
                                ? CompletableFuture.failedFuture(
                                        new MessagingException.Timeout("no broker"))
                                : null);
        caller.send(TOPIC, RawCaller.call("now", "m1", null));
        Await.until(() -> server.statistics().repliesDropped() == 1);
        assertThat(timers.alarms()).isZero();
    }
}
