package io.virtman.node;

import io.virtman.cache.CacheGroup;
import io.virtman.command.Mounts;
import io.virtman.command.ProcessCommandRunner;
import io.virtman.command.QemuImg;
import io.virtman.command.QemuImgCreate;
import io.virtman.command.QemuStorageDaemon;
import io.virtman.image.ImageImporter;
import io.virtman.peer.PeerTimeouts;
import io.virtman.problem.ProblemException;
import io.virtman.remote.FetchLimits;
import io.virtman.rest.NodeResources;
import io.virtman.rest.RestParentListPush;
import io.virtman.rest.RestServer;
import io.virtman.stack.userspace.LiveLayers;
import io.virtman.stack.userspace.UserspaceStack;
import io.virtman.testing.FakeGuestRunner;
import io.virtman.testing.FakeImageServer;
import io.virtman.testkit.Programs;
import io.virtman.volt.ImageState;
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
import java.util.concurrent.atomic.AtomicReference;

/** Nodes on real NBD and REST, one Volt, and a server with an image. */
final class RemoteScene implements AutoCloseable {
    static final int SIZE = 8 << 20;
    static final long SLOW = 65536; // bytes a second: the import never ends by itself
    static final long FAST = 1L << 30;
    private static final PeerTimeouts TIMEOUTS =
            new PeerTimeouts(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(5),
                    Duration.ofMillis(50),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(30));
    private static final FetchLimits FETCHING =
            new FetchLimits(
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(5),
                    Duration.ofMillis(10),
                    Duration.ofMillis(100),
                    50,
                    Duration.ofSeconds(5));

    final Path directory;
    private final ProcessCommandRunner programs = new ProcessCommandRunner();
    final Volt volt =
            new Volt(
                    new MemoryCatalogueStore(),
                    new RestParentListPush(),
                    TimeSource.SYSTEM,
                    1,
                    Duration.ofSeconds(30));
    private final List<Host> hosts = new ArrayList<>();
    private final Map<String, Integer> peerPorts = new ConcurrentHashMap<>(); // stay the same
    private final byte[] content = new byte[SIZE];
    final FakeImageServer server;
    final Path file;
    volatile boolean voltIsAway;

    private VoltApi volt() {
        return (VoltApi)
                Proxy.newProxyInstance(
                        VoltApi.class.getClassLoader(),
                        new Class<?>[] {VoltApi.class},
                        (_, method, arguments) -> {
                            if (voltIsAway) {
                                throw new ProblemException(
                                        ProblemException.Kind.UNAVAILABLE, "volt", "away", "wait");
                            }
                            try {
                                return method.invoke(volt, arguments);
                            } catch (InvocationTargetException e) {
                                throw Objects.requireNonNull(e.getCause());
                            }
                        });
    }

    /** Everything of one host. */
    final class Host {
        final NodeService node;
        final RestServer rest;
        final LiveLayers exports;

        Host(String name) throws IOException {
            Path home = directory.resolve(name);
            Complaints complaints = new Complaints();
            UserspaceStack stack =
                    new UserspaceStack(
                            CacheGroup.open(home.resolve("cache"), 64 << 20),
                            home.resolve("run"),
                            home.resolve("layers"),
                            new InetSocketAddress(
                                    InetAddress.getLoopbackAddress(),
                                    peerPorts.getOrDefault(name, 0)),
                            new QemuImgCreate(programs),
                            TIMEOUTS,
                            complaints::corrupt);
            peerPorts.put(name, stack.peerPort());
            exports =
                    new LiveLayers(
                            new QemuStorageDaemon(
                                    programs, Programs.require("qemu-storage-daemon")),
                            new Mounts(programs),
                            home.resolve("exports"),
                            home.resolve("run/layers"));
            AtomicReference<NodeApi> served = new AtomicReference<>();
            rest =
                    RestServer.start(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            NodeResources.of(
                                    (NodeApi)
                                            Proxy.newProxyInstance(
                                                    NodeApi.class.getClassLoader(),
                                                    new Class<?>[] {NodeApi.class},
                                                    (_, method, arguments) ->
                                                            method.invoke(
                                                                    served.get(), arguments))));
            NodeOptions options =
                    new NodeOptions(name, home.resolve("data"), Duration.ofMillis(100), FETCHING);
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
                            volt(),
                            new ImageImporter(new QemuImg(programs)),
                            complaints,
                            Instant::now);
            served.set(node);
            node.start(options);
            hosts.add(this);
        }

        Path layer(String vm) {
            return Path.of(node.vm(vm).disk());
        }

        void end() throws IOException {
            hosts.remove(this);
            rest.close();
            node.close();
            exports.close();
        }
    }

    RemoteScene(Path directory) throws IOException {
        this.directory = directory;
        new Random(8).nextBytes(content);
        Arrays.fill(content, 1 << 20, 3 << 20, (byte) 0);
        file = Files.write(directory.resolve("disk.raw"), content);
        server = new FakeImageServer(content);
    }

    Host host(String name) throws IOException {
        return new Host(name);
    }

    @Override
    public void close() throws IOException {
        for (Host host : List.copyOf(hosts)) {
            host.end();
        }
        volt.close();
        server.close();
    }

    RemoteImage raw(long rate) {
        return new RemoteImage(
                "debian",
                server.url(),
                server.token.isEmpty() ? Map.of() : Map.of("X-Auth-Token", server.token),
                "raw",
                server.content.length,
                "sha512",
                server.sha512(),
                rate);
    }

    void await(ImageState state) {
        NodeScene.await(() -> volt.image("debian").state() == state);
    }

    void compare(Path layer) throws IOException {
        run("qemu-img", "compare", "-f", "qcow2", "-F", "raw", layer.toString(), file.toString());
    }

    void read(Path layer, String from, String length) throws IOException {
        run("qemu-io", "-r", "-f", "qcow2", "-c", "read " + from + " " + length, layer.toString());
    }

    void run(String program, String... arguments) throws IOException {
        List<String> argv = new ArrayList<>(List.of(Programs.require(program)));
        argv.addAll(List.of(arguments));
        programs.run(argv, Duration.ofSeconds(60));
    }

    boolean isSealed(String host) {
        try (var records = Files.list(directory.resolve(host).resolve("data/attachments"))) {
            for (Path record : records.toList()) {
                return Files.readString(record).matches("(?s).*\"digest\":\"[0-9a-f]{64}\".*");
            }
        } catch (IOException e) {
            return false; // it is being replaced
        }
        return false;
    }
}
