package io.virtman.messaging.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import io.virtman.messaging.testing.MemoryBroker;
import io.virtman.messaging.testing.MemoryTransport;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.TransportDefaults;
import io.virtman.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many requests run, in which order, and what becomes of them at the end. */
class RpcServerConcurrencyTest {
    private static final Target TARGET = Target.of("openstack", "work");
    private static final Address TOPIC = new Address.Topic("openstack", "work");

    private final MemoryTransport transport = new MemoryTransport();
    private final RawCaller caller = new RawCaller(transport);

    @AfterEach
    void close() {
        transport.close();
    }

    private RpcServerBuilder server(RpcMethod method, Acknowledgement acknowledgement) {
        return RpcServer.builder(transport)
                .listen(TARGET, RpcServerBuilder.Queue.SHARED)
                .endpoint(
                        RpcEndpoint.builder()
                                .acknowledgement(acknowledgement)
                                .method("work", method)
                                .build());
    }

    @Test
    void requestsRunInTheOrderTheyCame() {
        List<String> order = new CopyOnWriteArrayList<>();
        RpcMethod method =
                request -> {
                    order.add(Objects.requireNonNull(request.uniqueId()));
                    return null;
                };
        try (RpcServer _ = server(method, Acknowledgement.onReceipt()).concurrency(1).start()) {
            List<String> sent = IntStream.range(0, 300).mapToObj(i -> "id" + i).toList();
            sent.forEach(id -> caller.send(TOPIC, RawCaller.cast("work", id)));
            Await.until(() -> order.size() == sent.size());
            assertThat(order).isEqualTo(sent);
        }
    }

    @Test
    void aMethodKnowsHowLongItsRequestWaited() throws InterruptedException {
        Gate first = new Gate();
        BlockingQueue<Duration> waited = new LinkedBlockingQueue<>();
        RpcMethod method =
                _ -> {
                    first.pass();
                    waited.add(RpcServer.waited());
                    return null;
                };
        try (RpcServer server =
                server(method, Acknowledgement.onReceipt()).concurrency(1).start()) {
            caller.send(TOPIC, RawCaller.cast("work", "first"));
            caller.send(TOPIC, RawCaller.cast("work", "second"));
            Await.until(() -> server.statistics().waiting() == 1);
            long start = System.nanoTime();
            Await.until(() -> System.nanoTime() - start > 30_000_000);
            first.open();

            assertThat(waited.poll(20, TimeUnit.SECONDS)).isNotNull();
            assertThat(waited.poll(20, TimeUnit.SECONDS)).isGreaterThan(Duration.ofMillis(30));
        }
        assertThat(RpcServer.waited()).isZero();
    }

    @Test
    void aFloodStaysInTheBroker() {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Semaphore mayEnd = new Semaphore(0);
        RpcMethod method =
                _ -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    mayEnd.acquire();
                    now.decrementAndGet();
                    return null;
                };
        try (RpcServer server =
                server(method, Acknowledgement.onReceipt()).concurrency(3).unsettled(5).start()) {
            for (int i = 0; i < 100; i++) {
                caller.send(TOPIC, RawCaller.cast("work", "id" + i));
            }
            Await.until(() -> now.get() == 3 && server.statistics().waiting() == 5);
            assertThat(transport.broker().ready("work")).isEqualTo(92);
            assertThat(server.statistics().running()).isEqualTo(3);
            mayEnd.release(100);
            Await.until(() -> server.statistics().succeeded() == 100);
            assertThat(most).hasValue(3);
        }
    }

    @Test
    void waitingRequestsOfALostConnectionAreNotKeptTwice() {
        Gate gate = new Gate();
        AtomicInteger runs = new AtomicInteger();
        RpcMethod method =
                _ -> {
                    runs.incrementAndGet();
                    gate.pass();
                    return null;
                };
        try (RpcServer server =
                server(method, Acknowledgement.onReceipt()).concurrency(1).unsettled(4).start()) {
            for (int i = 0; i < 20; i++) {
                caller.send(TOPIC, RawCaller.cast("work", "id" + i));
            }
            Await.until(() -> server.statistics().waiting() == 4);
            for (int lost = 1; lost <= 10; lost++) {
                transport.broker().dropConnections();
                long received = 5 + 4L * lost;
                Await.until(() -> server.statistics().received() == received);
            }
            assertThat(server.statistics().waiting()).isEqualTo(4);
            gate.open();
            Await.until(() -> server.statistics().succeeded() == 20);
            assertThat(runs).hasValue(20);
        }
    }

    @Test
    void closingWaitsForWhatRunsAndAnswersIt() throws InterruptedException {
        Gate gate = new Gate();
        RpcMethod method =
                _ -> {
                    gate.pass();
                    return TextNode.valueOf("done");
                };
        RpcServer server = server(method, Acknowledgement.onReceipt()).concurrency(1).start();
        caller.send(TOPIC, RawCaller.call("work", "m1", null));
        caller.send(TOPIC, RawCaller.call("work", "m2", null));
        Await.until(() -> server.statistics().running() == 1);
        CompletableFuture<Void> closed =
                CompletableFuture.runAsync(() -> server.close(Duration.ofSeconds(20)));
        Await.until(() -> transport.broker().ready("work") == 1); // the one that waited went back
        assertThat(closed).isNotDone();
        gate.open();
        assertThat(caller.reply().messageId()).isEqualTo("m1");
        assertThat(closed).succeedsWithin(RawCaller.LIMIT);
        assertThat(server.statistics().running()).isZero();
        assertThat(caller.repliesLeft()).isZero();
        server.close();
    }

    @Test
    void closingAcknowledgesWhatIsCompletedInTime() {
        Gate gate = new Gate();
        RpcMethod method =
                _ -> {
                    gate.pass();
                    return null;
                };
        RpcServer server = server(method, Acknowledgement.afterCompletion()).start();
        caller.send(TOPIC, RawCaller.cast("work", "1"));
        Await.until(() -> server.statistics().running() == 1);
        CompletableFuture<Void> closed =
                CompletableFuture.runAsync(() -> server.close(Duration.ofSeconds(20)));
        gate.open();
        assertThat(closed).succeedsWithin(RawCaller.LIMIT);
        assertThat(transport.broker().ready("work")).isZero();
    }

    @Test
    void whatDoesNotEndInTimeIsInterrupted() throws InterruptedException {
        BlockingQueue<String> interrupted = new LinkedBlockingQueue<>();
        Gate begun = new Gate();
        RpcMethod method =
                request -> {
                    begun.open();
                    try {
                        new Gate().pass();
                    } catch (InterruptedException e) {
                        interrupted.add(Objects.requireNonNull(request.uniqueId()));
                        throw e;
                    }
                    return null;
                };
        RpcServer server = server(method, Acknowledgement.onReceipt()).start();
        caller.send(TOPIC, RawCaller.call("work", "m1", null));
        begun.pass();
        server.close(Duration.ZERO);
        assertThat(interrupted).hasSize(1);
        assertThat(Objects.requireNonNull(caller.reply().failure()).type())
                .isEqualTo("InterruptedException");
    }

    @Test
    void aMethodMayCloseItsOwnServer() {
        AtomicReference<RpcServer> own = new AtomicReference<>();
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        RpcServer server =
                RpcServer.builder(transport)
                        .listen(Target.of("openstack", "suicide"))
                        .endpoint(
                                RpcEndpoint.builder()
                                        .method(
                                                "stop",
                                                _ -> {
                                                    own.get().close(Duration.ofHours(1));
                                                    closed.complete(Thread.interrupted());
                                                    return null;
                                                })
                                        .build())
                        .start();
        own.set(server);
        try (RpcClient client = RpcClient.builder(transport).build()) {
            client.cast(Target.of("openstack", "suicide"), RpcCall.of("stop").build());
            assertThat(closed).succeedsWithin(RawCaller.LIMIT).isEqualTo(false);
        }
    }

    @Test
    void theTransportsConfigurationBoundsWhatIsUnsettled() {
        MemoryBroker broker = new MemoryBroker();
        Target target = Target.of("openstack", "bounded");
        Gate gate = new Gate();
        try (MemoryTransport configured =
                        new MemoryTransport(
                                broker, new TransportDefaults(2, null, Duration.ofSeconds(1)));
                RpcServer server =
                        RpcServer.builder(configured)
                                .listen(target)
                                .endpoint(
                                        RpcEndpoint.builder()
                                                .acknowledgement(Acknowledgement.afterCompletion())
                                                .method(
                                                        "wait",
                                                        _ -> {
                                                            gate.pass();
                                                            return null;
                                                        })
                                                .build())
                                .start();
                RpcClient client = RpcClient.builder(configured).build()) {
            for (int i = 0; i < 5; i++) {
                client.cast(target, RpcCall.of("wait").build());
            }
            Await.until(() -> server.statistics().received() == 2);
            assertThat(broker.ready("bounded")).isEqualTo(3);
            gate.open();
            Await.until(() -> server.statistics().succeeded() == 5);
        }
    }
}
