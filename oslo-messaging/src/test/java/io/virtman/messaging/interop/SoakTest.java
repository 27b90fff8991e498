package io.virtman.messaging.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.NullNode;
import io.virtman.messaging.rpc.Acknowledgement;
import io.virtman.messaging.rpc.RpcCall;
import io.virtman.messaging.rpc.RpcClient;
import io.virtman.messaging.rpc.RpcEndpoint;
import io.virtman.messaging.rpc.RpcServer;
import io.virtman.messaging.rpc.Target;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.testkit.Await;
import io.virtman.testkit.RabbitBroker;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many messages over durable queues while the broker is killed and stopped again and again: what
 * was confirmed is done, once, and nothing is left behind.
 *
 * <p>{@code -Dvirtman.soak.messages=1000000 -Dvirtman.soak.restarts=12} for a day's worth.
 */
final class SoakTest {
    private static final int MESSAGES = Integer.getInteger("virtman.soak.messages", 20_000);
    private static final int RESTARTS = Integer.getInteger("virtman.soak.restarts", 2);
    private static final int CALL_EVERY = 20;
    private static final int OUTSTANDING = 500;
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final AtomicIntegerArray handled = new AtomicIntegerArray(MESSAGES + 1);
    private final AtomicIntegerArray confirmed = new AtomicIntegerArray(MESSAGES + 1);
    private final AtomicInteger unconfirmed = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger unanswered = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> wrong = new AtomicReference<>();
    private final Semaphore room = new Semaphore(OUTSTANDING);

    /** What a broker and this JVM hold on behalf of the library. */
    private record Held(int connections, int channels, Set<String> queues, long heap) {
        static Held of(RabbitBroker broker) {
            return new Held(
                    broker.connections().size(),
                    broker.channels(),
                    new TreeSet<>(broker.queues().keySet()),
                    leastHeap());
        }

        private static long leastHeap() {
            var memory = ManagementFactory.getMemoryMXBean();
            long least = Long.MAX_VALUE;
            for (int i = 0; i < 3; i++) {
                memory.gc();
                least = Math.min(least, memory.getHeapMemoryUsage().getUsed());
            }
            return least;
        }

        @Override
        public String toString() {
            return "heap %.1f MB, %d connections, %d channels, %d queues"
                    .formatted(heap / 1e6, connections, channels, queues.size());
        }
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void confirmedMessagesAreHandledOnceAndNothingLeaks() {
        Set<Thread> threads = threads();
        try (RabbitBroker broker = RabbitBroker.start()) {
            Path configuration = Configuration.write(broker, "amqp_durable_queues = true");
            try (JavaTransport serving = JavaTransport.open(configuration);
                    JavaTransport calling = JavaTransport.open(configuration)) {
                soak(broker, serving, calling);
            }
            Await.until(() -> broker.connections().isEmpty());
            assertThat(broker.channels()).isZero();
            assertThat(broker.queues().keySet()).noneMatch(name -> name.contains("fanout"));
        }
        try {
            Await.until(() -> threads.containsAll(threads()));
        } catch (AssertionError e) {
            assertThat(threads()).as("threads left").isSubsetOf(threads);
        }
    }

    private void soak(RabbitBroker broker, JavaTransport serving, JavaTransport calling) {
        Target target = Target.of(serving.exchange(), "soak");
        RpcEndpoint endpoint =
                RpcEndpoint.builder()
                        .acknowledgement(Acknowledgement.afterCompletion())
                        .method(
                                "handle",
                                request -> {
                                    handled.incrementAndGet(request.args().get("id").asInt());
                                    return NullNode.getInstance();
                                })
                        .build();
        try (RpcServer server =
                        RpcServer.builder(serving.transport())
                                .listen(target.withServer("one"))
                                .endpoint(endpoint)
                                .start();
                RpcClient client = RpcClient.builder(calling.transport()).build()) {
            client.call(target, message(MESSAGES));
            Held before = Held.of(broker);
            long start = System.nanoTime();
            send(broker, client, target);
            double seconds = (System.nanoTime() - start) / 1e9;
            assertThat(wrong.get()).isNull();
            Await.until(() -> missing() == 0);
            // what came by a lost connection and was published again is dropped meanwhile
            Await.until(() ->
                    server.statistics().running() + server.statistics().waiting() == 0
                            && broker.queues().values().stream().allMatch(count -> count == 0));
            Held after = Held.of(broker);
            System.out.printf(
                    "soak: %d messages, %d restarts, %.0f/s; %d confirmed, %d not; %d calls"
                            + " answered, %d not; %d duplicates dropped%n  before: %s%n  after:  %s%n",
                    MESSAGES,
                    RESTARTS,
                    MESSAGES / seconds,
                    sum(confirmed),
                    unconfirmed.get(),
                    answered.get(),
                    unanswered.get(),
                    server.statistics().duplicates(),
                    before,
                    after);
            for (int id = 0; id < MESSAGES; id++) {
                assertThat(handled.get(id)).isLessThanOrEqualTo(1);
            }
            // replies are in memory alone, so that a killed broker loses some: of what is under way
            // every twentieth is a call
            assertThat(unanswered.get())
                    .isLessThanOrEqualTo(RESTARTS * 4 * OUTSTANDING / CALL_EVERY);
            assertThat(answered.get() + unanswered.get()).isEqualTo(MESSAGES / CALL_EVERY);
            assertThat(unconfirmed.get()).isZero();
            assertThat(after.connections()).isEqualTo(before.connections());
            assertThat(after.channels()).isEqualTo(before.channels());
            assertThat(after.queues()).isEqualTo(before.queues());
            assertThat(after.heap() - before.heap()).isLessThan(32_000_000);
        }
    }

    private static RpcCall message(int id) {
        return RpcCall.of("handle").arg("id", id).timeout(LIMIT).build();
    }

    private void send(RabbitBroker broker, RpcClient client, Target target) {
        CompletableFuture<Void> restart = CompletableFuture.completedFuture(null);
        for (int id = 0; id < MESSAGES && wrong.get() == null; id++) {
            if (id > 0 && RESTARTS > 0 && id % (MESSAGES / (RESTARTS + 1)) == 0) {
                restart.join();
                restart = restartInBackground(broker, id / (MESSAGES / (RESTARTS + 1)));
            }
            room.acquireUninterruptibly();
            int number = id;
            if (id % CALL_EVERY == 0) {
                CompletableFuture<?> _ =
                        client.callAsync(target, message(id))
                                .whenComplete((_, e) -> ended(number, e, true));
            } else {
                CompletableFuture<?> _ =
                        client.castAsync(target, message(id))
                                .whenComplete((_, e) -> ended(number, e, false));
            }
        }
        restart.join();
        room.acquireUninterruptibly(OUTSTANDING);
    }

    private static CompletableFuture<Void> restartInBackground(RabbitBroker broker, int number) {
        if (number > RESTARTS) {
            return CompletableFuture.completedFuture(null);
        }
        return CompletableFuture.runAsync(
                () -> {
                    if (number % 2 == 1) {
                        broker.kill();
                    } else {
                        broker.stop();
                    }
                    broker.restart();
                },
                task -> Thread.ofPlatform().name("restart").start(task));
    }

    private void ended(int id, @Nullable Throwable e, boolean call) {
        Throwable cause = e instanceof CompletionException ? e.getCause() : e;
        if (cause != null && !(cause instanceof MessagingException.Timeout)) {
            wrong.compareAndSet(null, cause);
        }
        if (call) {
            (cause == null ? answered : unanswered).incrementAndGet();
        } else if (cause == null) {
            confirmed.incrementAndGet(id);
        } else {
            unconfirmed.incrementAndGet();
        }
        room.release();
    }

    /** Confirmed casts that were not handled. */
    private long missing() {
        long missing = 0;
        for (int id = 0; id < MESSAGES; id++) {
            if (confirmed.get(id) > 0 && handled.get(id) == 0) {
                missing++;
            }
        }
        return missing;
    }

    private static long sum(AtomicIntegerArray array) {
        long sum = 0;
        for (int i = 0; i < array.length(); i++) {
            sum += array.get(i);
        }
        return sum;
    }

    /** Platform threads; those of the JVM's own pools come and go. */
    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().startsWith("ForkJoinPool"))
                .filter(thread -> !thread.getName().startsWith("process reaper"))
                .filter(thread -> !thread.getName().startsWith("VirtualThread-unblocker"))
                .collect(Collectors.toSet());
    }
}
