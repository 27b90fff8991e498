package io.virtman.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.cache.CacheGroup;
import io.virtman.command.Mounts;
import io.virtman.command.ProcessCommandRunner;
import io.virtman.command.QemuImg;
import io.virtman.command.QemuImgCreate;
import io.virtman.command.QemuStorageDaemon;
import io.virtman.image.ImageImporter;
import io.virtman.peer.PeerTimeouts;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.rest.NodeResources;
import io.virtman.rest.RestParentListPush;
import io.virtman.rest.RestServer;
import io.virtman.stack.userspace.LiveLayers;
import io.virtman.stack.userspace.UserspaceStack;
import io.virtman.testing.FakeGuestRunner;
import io.virtman.testkit.Programs;
import io.virtman.volt.HierarchyMember;
import io.virtman.volt.MemoryCatalogueStore;
import io.virtman.volt.NodeAddress;
import io.virtman.volt.TimeSource;
import io.virtman.volt.Volt;
import io.virtman.volt.VoltApi;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An origin and a chain of three members in one JVM, over real NBD and REST; QEMU reads the layers.
 */
class NodeChainTest {
    private static final int SIZE = 8 << 20;
    private static final PeerTimeouts TIMEOUTS =
            new PeerTimeouts(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(5),
                    Duration.ofMillis(50),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(30));

    @TempDir private Path directory;
    private final ProcessCommandRunner programs = new ProcessCommandRunner();
    private final Volt volt =
            new Volt(
                    new MemoryCatalogueStore(),
                    new RestParentListPush(),
                    TimeSource.SYSTEM,
                    1,
                    Duration.ofSeconds(30));
    private volatile boolean voltIsAway;

    /** Everything of one host. */
    private final class Host {
        final NodeService node;
        final RestServer rest;
        final LiveLayers exports;

        Host(String name) throws IOException {
            Path home = directory.resolve(name);
            Complaints complaints = new Complaints();
            CacheGroup cache = CacheGroup.open(home.resolve("cache"), 64 << 20);
            UserspaceStack stack =
                    new UserspaceStack(
                            cache,
                            home.resolve("run"),
                            home.resolve("layers"),
                            new InetSocketAddress(
                                    InetAddress.getLoopbackAddress(),
                                    peerPorts.getOrDefault(name, 0)),
                            new QemuImgCreate(programs),
                            TIMEOUTS,
                            complaints::corrupt);
            exports =
                    new LiveLayers(
                            new QemuStorageDaemon(
                                    programs, Programs.require("qemu-storage-daemon")),
                            new Mounts(programs),
                            home.resolve("exports"),
                            home.resolve("run/layers"));
            peerPorts.put(name, stack.peerPort());
            AtomicReference<Object> served = new AtomicReference<>();
            rest =
                    RestServer.start(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            NodeResources.of(
                                    proxy(
                                            NodeApi.class,
                                            () -> Objects.requireNonNull(served.get()))));
            NodeOptions options =
                    new NodeOptions(name, home.resolve("data"), Duration.ofMillis(100));
            node =
                    new NodeService(
                            options,
                            new NodeAddress(
                                    name,
                                    "http://127.0.0.1:" + rest.port(),
                                    "127.0.0.1:" + stack.peerPort()),
                            stack,
                            new FakeGuestRunner(home.resolve("guests")),
                            exports,
                            proxy(VoltApi.class, NodeChainTest.this::reachedVolt),
                            new ImageImporter(new QemuImg(programs)),
                            complaints,
                            Instant::now);
            served.set(node);
            node.start(options);
        }

        Path layer(String vm) {
            return Path.of(node.vm(vm).disk());
        }

        NodeReport.ImageReport image() {
            return node.report().images().getFirst();
        }

        /** Stops abruptly: Volt is not told. */
        void end() throws IOException {
            hosts.remove(this);
            rest.close();
            node.close();
            exports.close();
        }
    }

    private final List<Host> hosts = new ArrayList<>();
    private final Map<String, Integer> peerPorts = new ConcurrentHashMap<>(); // stay the same

    private Host host(String name) throws IOException {
        Host host = new Host(name);
        hosts.add(host);
        return host;
    }

    @AfterEach
    void stop() throws IOException {
        for (Host host : List.copyOf(hosts)) {
            host.end();
        }
        volt.close();
    }

    private Volt reachedVolt() {
        if (voltIsAway) {
            throw new ProblemException(Kind.UNAVAILABLE, "volt", "is away", "wait");
        }
        return volt;
    }

    private static <T> T proxy(Class<T> type, Supplier<Object> target) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (_, method, arguments) -> {
                            try {
                                return method.invoke(target.get(), arguments);
                            } catch (InvocationTargetException e) {
                                throw Objects.requireNonNull(e.getCause());
                            }
                        }));
    }

    @Test
    void layersReadThroughAChainThatLosesItsMiddle() throws Exception {
        byte[] content = new byte[SIZE];
        new Random(5).nextBytes(content);
        Path file = Files.write(directory.resolve("disk.raw"), content);
        Host origin = host("origin");
        String image = origin.node.importImage("debian", file.toString(), "raw").id();
        NodeScene.await(() -> volt.image(image).digest() != null);
        Host first = host("m1");
        Host second = host("m2");
        Host third = host("m3");
        first.node.create("vm1", "debian", null);
        second.node.create("vm2", "debian", null);
        third.node.create("vm3", "debian", null);
        assertThat(volt.hierarchy("debian").members())
                .extracting(HierarchyMember::parent)
                .containsExactly("origin", "m1", "m2");
        read(third.layer("vm3"), "2M");
        assertThat(received(third, "m2")).isBetween(2L << 20, 3L << 20);
        assertThat(received(third, "m1") + received(third, "origin")).isZero();

        second.end();
        compare(third.layer("vm3"), file);
        assertThat(received(third, "m1")).isGreaterThan(5 << 20);
        assertThat(origin.node.report().peerBytesOut()).isBetween((long) SIZE, SIZE * 11L / 10);

        volt.leave(image, "m2");
        NodeScene.await(() -> third.image().level() == 2);
        assertThat(third.image().parents()).containsOnlyKeys("m1", "origin");

        voltIsAway = true;
        third.end();
        first.end();
        origin.end();
        Host again = host("m3");
        compare(again.layer("vm3"), file); // all of it is in the cache
        assertThat(again.image().level()).isEqualTo(2);
        assertThat(again.node.report().peerBytesIn()).isZero();
    }

    /** A host's power is cut, and it starts again while everybody else is away. */
    @Test
    void afterARebootExportsAreThereBeforeAnybodyElse() throws Exception {
        byte[] content = new byte[SIZE];
        new Random(6).nextBytes(content);
        Path file = Files.write(directory.resolve("disk.raw"), content);
        Host origin = host("origin");
        String image = origin.node.importImage("debian", file.toString(), "raw").id();
        NodeScene.await(() -> volt.image(image).digest() != null);
        Host host = host("m1");
        for (String vm : List.of("vm1", "vm2")) {
            host.node.create(vm, "debian", null);
        }
        Path disk = export(host, "vm1");
        Path other = export(host, "vm2");
        run("qemu-io", "-f", "raw", "-c", "write -P 7 1M 64k", "-c", "flush", disk.toString());
        host.end();
        origin.end();
        voltIsAway = true;
        cutPower(List.of("vm1", "vm2"));
        assertThat(disk).doesNotExist();

        Host again = host("m1");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String vm : List.of("vm1", "vm2")) {
                assertThat(Objects.requireNonNull(again.node.vm(vm).export()).state())
                        .isEqualTo(ExportState.EXPORTED);
            }
            assertThat(disk).hasSize(SIZE);
            run("qemu-io", "-r", "-f", "raw", "-c", "read -P 7 1M 64k", disk.toString());
            Future<byte[]> read = threads.submit(() -> Files.readAllBytes(other));
            assertThatThrownBy(() -> read.get(2, TimeUnit.SECONDS))
                    .isInstanceOf(TimeoutException.class);
            voltIsAway = false;
            host("origin");
            assertThat(read.get(40, TimeUnit.SECONDS)).isEqualTo(content);
        } finally {
            again.node.destroy("vm1");
            again.node.destroy("vm2");
            cutPower(List.of());
        }
        assertThat(directory.resolve("m1/exports")).isEmptyDirectory();
    }

    /** What a guest wrote, what it did not, and what it wrote only later. */
    @Test
    void snapshotsAreImagesOnOtherHosts() throws Exception {
        byte[] content = new byte[SIZE];
        new Random(7).nextBytes(content);
        Path file = Files.write(directory.resolve("disk.raw"), content);
        Host origin = host("origin");
        String image = origin.node.importImage("debian", file.toString(), "raw").id();
        NodeScene.await(() -> volt.image(image).digest() != null);
        Host host = host("m1");
        host.node.create("vm1", "debian", SIZE + (1L << 20));
        host.node.create("untouched", "debian", null);
        host.node.create("blank", null, 4L << 20);
        String disk = export(host, "vm1").toString();
        run("qemu-io", "-f", "raw", "-c", "write -P 7 1M 64k", "-c", "write -P 9 8M 4k", disk);
        run("qemu-io", "-f", "raw", "-c", "write -z 2M 128k", "-c", "flush", disk);
        host.node.unexport("vm1");
        assertThat(host.node.vm("vm1").written()).isTrue();
        assertThat(host.node.vm("untouched").written()).isFalse();
        String golden = host.node.snapshot("vm1", "golden").id();
        export(host, "vm1"); // at once
        run("qemu-io", "-f", "raw", "-c", "write -P 5 0 1M", "-c", "flush", disk);
        String same = host.node.snapshot("untouched", "same").id();
        String zeroes = host.node.snapshot("blank", "zeroes").id();
        NodeScene.await(() ->
                List.of(golden, same, zeroes).stream()
                        .noneMatch(one -> volt.image(one).digest() == null));
        assertThat(host.node.snapshot("vm1", "golden").id()).isEqualTo(golden);
        assertThat(volt.image(same).digest()).isEqualTo(volt.image(image).digest());
        host.node.destroy("vm1");

        byte[] expected = Arrays.copyOf(content, SIZE + (1 << 20));
        Arrays.fill(expected, 1 << 20, (1 << 20) + (64 << 10), (byte) 7);
        Arrays.fill(expected, 2 << 20, (2 << 20) + (128 << 10), (byte) 0);
        Arrays.fill(expected, SIZE, SIZE + 4096, (byte) 9);
        Host other = host("m2");
        other.node.create("c1", "golden", null);
        compare(other.layer("c1"), Files.write(directory.resolve("expected"), expected));
        other.node.create("c2", "zeroes", null);
        compare(other.layer("c2"), Files.write(directory.resolve("zeroes"), new byte[4 << 20]));
        assertThat(directory.resolve("m1/data/copies")).isEmptyDirectory();
        new Mounts(programs).unmount(directory.resolve("m1/exports"));
    }

    private static Path export(Host host, String vm) {
        return Path.of(Objects.requireNonNull(host.node.export(vm).export()).path());
    }

    /** Ends daemons and mounts, and forgets what is kept in memory; the service has ended. */
    private void cutPower(List<String> vms) throws Exception {
        Path home = directory.resolve("m1");
        for (String vm : vms) {
            String pid = Files.readString(home.resolve("run/layers").resolve(vm + ".pid")).strip();
            ProcessHandle daemon = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
            daemon.destroyForcibly();
            daemon.onExit().get(20, TimeUnit.SECONDS);
        }
        Mounts mounts = new Mounts(programs);
        for (Mounts.Mount mount : mounts.all().reversed()) {
            if (mount.point().startsWith(home)) {
                mounts.unmount(mount.point());
            }
        }
        for (String left : List.of("run/layers", "run/images")) {
            try (var files = Files.list(home.resolve(left))) {
                for (Path one : files.toList()) {
                    Files.delete(one);
                }
            }
        }
    }

    private static long received(Host host, String parent) {
        Map<String, Long> bytes = host.image().bytesInByParent();
        return Objects.requireNonNull(bytes.get(parent), parent);
    }

    private void read(Path layer, String length) throws IOException {
        run("qemu-io", "-r", "-f", "qcow2", "-c", "read 0 " + length, layer.toString());
    }

    private void compare(Path layer, Path with) throws IOException {
        run("qemu-img", "compare", "-f", "qcow2", "-F", "raw", layer.toString(), with.toString());
    }

    private void run(String program, String... arguments) throws IOException {
        List<String> argv = new ArrayList<>(List.of(Programs.require(program)));
        argv.addAll(List.of(arguments));
        programs.run(argv, Duration.ofSeconds(60));
    }
}
