package io.virtman.messaging.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import io.virtman.messaging.testing.MemoryTransport;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.wire.RpcReply;
import io.virtman.testkit.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When requests are acknowledged, and what becomes of those that come again. */
class RpcServerAcknowledgementTest {
    private static final Target TARGET = Target.of("openstack", "work");
    private static final Address TOPIC = new Address.Topic("openstack", "work");
    private static final String ID = "0123456789abcdef0123456789abcdef";

    private final MemoryTransport transport = new MemoryTransport();
    private final ManualTimers timers = new ManualTimers();
    private final RawCaller caller = new RawCaller(transport);
    private final AtomicInteger runs = new AtomicInteger();
    private Gate gate = new Gate();

    @BeforeEach
    @AfterEach
    void reset() {
        gate.open();
        gate = new Gate();
    }

    @AfterEach
    void close() {
        transport.close();
    }

    private RpcServer serve(Acknowledgement acknowledgement) {
        return RpcServer.builder(transport)
                .listen(TARGET)
                .concurrency(2)
                .timers(timers)
                .endpoint(
                        RpcEndpoint.builder()
                                .acknowledgement(acknowledgement)
                                .method(
                                        "work",
                                        _ -> {
                                            runs.incrementAndGet();
                                            gate.pass();
                                            return TextNode.valueOf("done");
                                        })
                                .build())
                .start();
    }

    private static void awaitRunning(RpcServer server, int methods) {
        Await.until(() -> server.statistics().running() == methods);
    }

    @Test
    void onReceiptARequestIsNotDoneAgainAfterTheConnectionWasLost() {
        RpcServer server = serve(Acknowledgement.onReceipt());
        try (server) {
            caller.send(TOPIC, RawCaller.cast("work", ID));
            Await.until(() -> runs.get() == 1);
            transport.broker().dropConnections();
            gate.open();
            awaitRunning(server, 0);
            assertThat(server.statistics().received()).isEqualTo(1);
        }
    }

    @Test
    void onReceiptWhatWaitedWhenTheConnectionWasLostIsDoneOnce() {
        try (RpcServer server = serve(Acknowledgement.onReceipt())) {
            caller.send(TOPIC, RawCaller.cast("work", "one"));
            caller.send(TOPIC, RawCaller.cast("work", "two"));
            Await.until(() -> runs.get() == 2);
            caller.send(TOPIC, RawCaller.cast("work", null)); // nothing tells its copy from it
            caller.send(TOPIC, RawCaller.cast("work", "four"));
            Await.until(() -> server.statistics().received() == 4);
            transport.broker().dropConnections();
            Await.until(() -> server.statistics().received() == 6);
            gate.open();
            awaitRunning(server, 0);
            Await.until(() -> server.statistics().waiting() == 0);
            caller.send(TOPIC, RawCaller.cast("work", "last"));
            Await.until(() -> server.statistics().succeeded() == 5);
            assertThat(runs).hasValue(5);
        }
    }

    @Test
    void afterCompletionTheNewestDeliveryIsAcknowledged() {
        try (RpcServer server = serve(Acknowledgement.afterCompletion())) {
            caller.send(TOPIC, RawCaller.cast("work", ID));
            Await.until(() -> runs.get() == 1);
            for (int lost = 1; lost <= 3; lost++) {
                transport.broker().dropConnections();
                long copies = lost;
                Await.until(() -> server.statistics().duplicates() == copies);
            }
            gate.open();
            awaitRunning(server, 0);
            transport.broker().dropConnections();
            caller.send(TOPIC, RawCaller.cast("work", "another"));
            Await.until(() -> runs.get() == 2);
            // Had the last copy stayed unsettled, it would have come again before the other.
            assertThat(server.statistics())
                    .returns(5L, RpcStatistics::received)
                    .returns(3L, RpcStatistics::duplicates);
        }
    }

    @Test
    void afterCompletionACrashBringsTheRequestToAnotherServer() {
        RpcServer first = serve(Acknowledgement.afterCompletion());
        caller.send(TOPIC, RawCaller.cast("work", ID));
        Await.until(() -> runs.get() == 1);
        caller.send(TOPIC, RawCaller.cast("work", ID)); // sent twice: the copy takes the duty over
        Await.until(() -> first.statistics().duplicates() == 1);
        first.close(Duration.ZERO);
        assertThat(transport.broker().ready("work")).isEqualTo(1);
        try (RpcServer second = serve(Acknowledgement.afterCompletion())) {
            gate.open();
            Await.until(() -> second.statistics().succeeded() == 1);
            assertThat(runs).hasValue(2);
        }
        assertThat(transport.broker().ready("work")).isZero();
    }

    @Test
    void copiesOfFinishedRequestsAreDroppedAndOthersAreNot() {
        gate.open();
        try (RpcServer server = serve(Acknowledgement.onReceipt())) {
            for (String id : new String[] {"1", "1", "2", "1", "2"}) {
                caller.send(TOPIC, RawCaller.cast("work", id));
            }
            caller.send(TOPIC, RawCaller.cast("work", null));
            caller.send(TOPIC, RawCaller.cast("work", null));
            Await.until(() -> server.statistics().succeeded() == 4);
            assertThat(server.statistics().duplicates()).isEqualTo(3);
        }
    }

    @Test
    void afterJournalTheRequestIsAcknowledgedOnceItIsWritten() throws InterruptedException {
        Gate writing = new Gate();
        AtomicInteger written = new AtomicInteger();
        RequestJournal journal =
                _ -> {
                    writing.pass();
                    written.incrementAndGet();
                };
        try (RpcServer server = serve(Acknowledgement.afterJournal(journal))) {
            caller.send(TOPIC, RawCaller.call("work", "m1", null));
            awaitRunning(server, 1);
            transport.broker().dropConnections(); // not acknowledged, so it comes again
            Await.until(() -> server.statistics().duplicates() == 1);
            writing.open();
            Await.until(() -> runs.get() == 1);
            transport.broker().dropConnections(); // acknowledged by now
            gate.open();
            assertThat(caller.reply().result().textValue()).isEqualTo("done");
            assertThat(written).hasValue(1);
            assertThat(server.statistics().received()).isEqualTo(2);
        }
    }

    @Test
    void aFailingJournalGetsTheRequestAgainAndThenTheCallerTheFailure()
            throws InterruptedException {
        AtomicInteger attempts = new AtomicInteger();
        RequestJournal journal =
                _ -> {
                    attempts.incrementAndGet();
                    throw new IOException("disk full");
                };
        try (RpcServer server = serve(Acknowledgement.afterJournal(journal))) {
            caller.send(TOPIC, RawCaller.call("work", "m1", null));
            for (int pause = 1; pause <= 4; pause *= 2) {
                Await.until(() -> timers.alarms() == 1);
                timers.advance(Duration.ofSeconds(pause));
            }
            RpcReply reply = caller.reply();
            assertThat(Objects.requireNonNull(reply.failure()))
                    .hasToString("java.io.IOException: disk full");
            assertThat(attempts).hasValue(4);
            assertThat(runs).hasValue(0);
            awaitRunning(server, 0);
            assertThat(server.statistics())
                    .returns(3L, RpcStatistics::requeued)
                    .returns(1L, RpcStatistics::failed)
                    .returns(0L, RpcStatistics::duplicates);
        }
        assertThat(transport.broker().ready("work")).isZero();
    }

    @Test
    void aCastIsKeptForAnHourWhileTheJournalFails() {
        AtomicInteger attempts = new AtomicInteger();
        RequestJournal journal =
                _ -> {
                    attempts.incrementAndGet();
                    throw new IOException("database away");
                };
        try (RpcServer server = serve(Acknowledgement.afterJournal(journal))) {
            caller.send(TOPIC, RawCaller.cast("work", ID));
            while (server.statistics().failed() == 0) {
                Await.until(() -> timers.alarms() == 1 || server.statistics().failed() == 1);
                timers.advance(Duration.ofSeconds(30));
            }
            assertThat(attempts).hasValue(121);
            assertThat(Duration.ofNanos(timers.nanoTime())).isGreaterThan(Duration.ofMinutes(55));
        }
        assertThat(transport.broker().ready("work")).isZero();
    }

    @Test
    void aJournalThatRecoversTakesTheRequest() throws InterruptedException {
        AtomicInteger attempts = new AtomicInteger();
        RequestJournal journal =
                _ -> {
                    if (attempts.incrementAndGet() == 1) {
                        throw new IOException("busy");
                    }
                };
        gate.open();
        try (RpcServer _ = serve(Acknowledgement.afterJournal(journal))) {
            caller.send(TOPIC, RawCaller.call("work", "m1", null));
            Await.until(() -> timers.alarms() == 1);
            timers.advance(Duration.ofSeconds(1));
            assertThat(caller.reply().result().textValue()).isEqualTo("done");
            assertThat(runs).hasValue(1);
        }
    }
}
