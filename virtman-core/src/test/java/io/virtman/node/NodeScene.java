package io.virtman.node;

import io.virtman.command.ProcessCommandRunner;
import io.virtman.command.QemuImg;
import io.virtman.image.ImageImporter;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.stack.StorageStack;
import io.virtman.testing.FakeGuestRunner;
import io.virtman.testing.FakeLayerExports;
import io.virtman.testing.FakeStorageStack;
import io.virtman.testing.StepFailure;
import io.virtman.volt.Heartbeat;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.ManualTime;
import io.virtman.volt.MemoryCatalogueStore;
import io.virtman.volt.NodeAddress;
import io.virtman.volt.Volt;
import io.virtman.volt.VoltApi;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A real Volt and one node with a fake stack and fake guests, which can be killed and restarted.
 */
final class NodeScene implements AutoCloseable {
    static final String DIGEST = "ab".repeat(32);
    static final long SIZE = 1 << 20;
    static final GuestRequest GUEST = new GuestRequest(64, null, null, null, "ready");

    final Path directory;
    final ManualTime time = new ManualTime();
    final Volt volt =
            new Volt(new MemoryCatalogueStore(), (_, _) -> {}, time, 2, Duration.ofSeconds(1));
    final FakeGuestRunner guests;
    final FakeLayerExports exports;
    final String image;

    /** Names of Volt's methods in the order the node called them. */
    final List<String> calls = new CopyOnWriteArrayList<>();

    volatile boolean voltIsAway;
    FakeStorageStack stack;
    NodeService node;

    NodeScene(Path directory) throws IOException {
        this.directory = directory;
        this.guests = new FakeGuestRunner(directory.resolve("guest-state"));
        this.exports = new FakeLayerExports(directory.resolve("exports"));
        volt.heartbeat(new Heartbeat(address("origin"), List.of(), 0, 0, 0, 0, 0, Map.of()));
        this.image = volt.add("debian", "origin", "raw").id();
        volt.seal(image, DIGEST, SIZE);
        this.stack = new FakeStorageStack(directory.resolve("layers"), StepFailure.never());
        this.node = service(stack, StepFailure.never());
        node.start(options());
    }

    static NodeAddress address(String node) {
        return new NodeAddress(node, "http://127.0.0.1:1", "127.0.0.1:1");
    }

    NodeOptions options() {
        return new NodeOptions("member", directory.resolve("data"), Duration.ofMillis(50));
    }

    /** A service on this node's directory. */
    private NodeService service(StorageStack with, StepFailure steps) throws IOException {
        exports.steps = steps;
        return new NodeService(
                options(),
                address("member"),
                with,
                guests,
                exports,
                volt(steps),
                new ImageImporter(new QemuImg(new ProcessCommandRunner())),
                new Complaints(),
                Instant::now);
    }

    /** Volt with a switch, and a step before and after each call but the heartbeats. */
    VoltApi volt(StepFailure steps) {
        return (VoltApi)
                Proxy.newProxyInstance(
                        VoltApi.class.getClassLoader(),
                        new Class<?>[] {VoltApi.class},
                        (_, method, arguments) -> {
                            // heartbeats come when they like
                            boolean counted =
                                    !List.of("heartbeat", "images").contains(method.getName());
                            if (counted) {
                                steps.step(method.getName());
                            }
                            if (voltIsAway) {
                                throw new ProblemException(
                                        Kind.UNAVAILABLE, "volt", "is away", "wait");
                            }
                            calls.add(method.getName());
                            try {
                                Object answer = method.invoke(volt, arguments);
                                if (counted) {
                                    steps.step(method.getName() + " answered");
                                }
                                return answer;
                            } catch (InvocationTargetException e) {
                                throw Objects.requireNonNull(e.getCause());
                            }
                        });
    }

    /** Ends the service abruptly and starts one whose steps may fail. */
    void restart(StepFailure steps) throws IOException {
        kill();
        var refused = stack.refused;
        stack = new FakeStorageStack(directory.resolve("layers"), steps);
        stack.refused.addAll(refused);
        node = service(stack, steps);
        node.start(options());
    }

    /** The same on another stack, which this scene closes; until the next restart. */
    void restartOn(StorageStack other) throws IOException {
        kill();
        node = service(other, StepFailure.never());
        node.start(options());
    }

    private void kill() throws IOException {
        try {
            node.close();
        } catch (StepFailure.Killed e) {
            // it is dead already
        }
    }

    void restart() throws IOException {
        restart(StepFailure.never());
    }

    /** Imports a file of this many bytes' content on this node, sealed when it returns. */
    ImageRecord importImage(String name, Path source) {
        String id = node.importImage(name, source.toString(), "raw").id();
        await(() -> volt.image(id).digest() != null);
        return volt.image(id);
    }

    long count(String call) {
        return calls.stream().filter(call::equals).count();
    }

    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within 20 s");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() throws IOException {
        kill();
        volt.close();
    }
}
