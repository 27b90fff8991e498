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
import io.virtman.remote.FetchLimits;
import io.virtman.rest.NodeResources;
import io.virtman.rest.RestParentListPush;
import io.virtman.rest.RestServer;
import io.virtman.stack.userspace.LiveLayers;
import io.virtman.stack.userspace.UserspaceStack;
import io.virtman.testing.FakeGuestRunner;
import io.virtman.testing.FakeImageServer;
import io.virtman.testkit.Programs;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.ImageState;
import io.virtman.volt.MemoryCatalogueStore;
import io.virtman.volt.NodeAddress;
import io.virtman.volt.TimeSource;
import io.virtman.volt.Volt;
import io.virtman.volt.VoltApi;
import java.io.IOException;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that are read on several nodes while their origin fetches them from a server. */
class RemoteImageTest {
    private static final int SIZE = 8 << 20;
    private static final long SLOW = 65536; // bytes a second: the import never ends by itself
    private static final long FAST = 1L << 30;
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

    @TempDir private Path directory;
    private final ProcessCommandRunner programs = new ProcessCommandRunner();
    private final Volt volt =
            new Volt(
                    new MemoryCatalogueStore(),
                    new RestParentListPush(),
                    TimeSource.SYSTEM,
                    1,
                    Duration.ofSeconds(30));
    private final List<Host> hosts = new ArrayList<>();
    private final Map<String, Integer> peerPorts = new ConcurrentHashMap<>(); // stay the same
    private final byte[] content = new byte[SIZE];
    private FakeImageServer server;
    private Path file;
    private volatile boolean voltIsAway;

    private VoltApi volt() {
        return (VoltApi)
                java.lang.reflect.Proxy.newProxyInstance(
                        VoltApi.class.getClassLoader(),
                        new Class<?>[] {VoltApi.class},
                        (_, method, arguments) -> {
                            if (voltIsAway) {
                                throw new ProblemException(
                                        ProblemException.Kind.UNAVAILABLE, "volt", "away", "wait");
                            }
                            try {
                                return method.invoke(volt, arguments);
                            } catch (java.lang.reflect.InvocationTargetException e) {
                                throw Objects.requireNonNull(e.getCause());
                            }
                        });
    }

    private final class Host {
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
                                            java.lang.reflect.Proxy.newProxyInstance(
                                                    NodeApi.class.getClassLoader(),
                                                    new Class<?>[] {NodeApi.class},
                                                    (_, method, arguments) ->
                                                            method.invoke(
                                                                    served.get(), arguments))));
            NodeOptions options =
                    new NodeOptions(
                            name, home.resolve("data"), Duration.ofMillis(100), FETCHING);
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

    @BeforeEach
    void start() throws IOException {
        new Random(8).nextBytes(content);
        Arrays.fill(content, 1 << 20, 3 << 20, (byte) 0);
        file = Files.write(directory.resolve("disk.raw"), content);
        server = new FakeImageServer(content);
    }

    @AfterEach
    void stop() throws IOException {
        for (Host host : List.copyOf(hosts)) {
            host.end();
        }
        volt.close();
        server.close();
    }

    private RemoteImage raw(long rate) {
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

    private void await(ImageState state) {
        NodeScene.await(() -> volt.image("debian").state() == state);
    }

    private void compare(Path layer) throws IOException {
        run("qemu-img", "compare", "-f", "qcow2", "-F", "raw", layer.toString(), file.toString());
    }

    private void read(Path layer, String from, String length) throws IOException {
        run(
                "qemu-io",
                "-r",
                "-f",
                "qcow2",
                "-c",
                "read " + from + " " + length,
                layer.toString());
    }

    private void run(String program, String... arguments) throws IOException {
        List<String> argv = new ArrayList<>(List.of(Programs.require(program)));
        argv.addAll(List.of(arguments));
        programs.run(argv, Duration.ofSeconds(60));
    }

    @Test
    void aChainReadsAnImageThatIsStillImportedAndStaysOverItsSeal() throws Exception {
        Host origin = new Host("origin");
        ImageRecord image = origin.node.importRemote(raw(SLOW));
        assertThat(image.state()).isEqualTo(ImageState.IMPORTING);
        assertThat(image.size()).isEqualTo(SIZE);
        assertThat(origin.node.importRemote(raw(SLOW)).id()).isEqualTo(image.id());
        Host first = new Host("m1");
        Host second = new Host("m2");
        first.node.create("vm1", "debian", null);
        second.node.create("vm2", "debian", null);
        origin.node.create("vm0", "debian", null);
        read(second.layer("vm2"), "6M", "64k");
        assertThat(server.answered).contains("6291456-6815743");
        read(origin.layer("vm0"), "5M", "4k");
        compare(second.layer("vm2"));
        assertThat(server.answered).doesNotHaveDuplicates();
        var received = second.node.report().images().getFirst().bytesInByParent();
        assertThat(received.get("m1")).isGreaterThan(5L << 20);
        assertThat(received.get("origin")).isBetween(1L, 200_000L); // pages

        await(ImageState.SEALED); // all of it was read
        NodeScene.await(() -> isSealed("m1") && isSealed("m2"));
        compare(second.layer("vm2"));
        compare(first.layer("vm1"));
        compare(origin.layer("vm0"));
        assertThat(first.node.report().peerBytesIn()).isLessThan(SIZE * 11L / 10);

        origin.end(); // a restart finds the chunks again, with everybody else away
        second.end();
        voltIsAway = true;
        first.end();
        Host again = new Host("m1");
        read(again.layer("vm1"), "0", "8M");
        assertThat(again.node.report().peerBytesIn()).isLessThan(64 << 10);
    }

    private boolean isSealed(String host) throws IOException {
        try (var records = Files.list(directory.resolve(host).resolve("data/attachments"))) {
            for (Path record : records.toList()) {
                return Files.readString(record).matches("(?s).*\"digest\":\"[0-9a-f]{64}\".*");
            }
        } catch (java.nio.file.NoSuchFileException e) {
            return false; // it is being replaced
        }
        return false;
    }

    @Test
    void aFileThatDoesNotMatchItsHashIsNeverSealed() throws Exception {
        Host origin = new Host("origin");
        Host member = new Host("m1");
        RemoteImage wrong =
                new RemoteImage(
                        "debian",
                        server.url(),
                        Map.of(),
                        "raw",
                        SIZE,
                        "sha256",
                        "0".repeat(64),
                        1 << 20);
        origin.node.importRemote(wrong);
        member.node.create("vm1", "debian", null);
        read(member.layer("vm1"), "0", "64k");
        await(ImageState.FAILED);
        assertThat(volt.image("debian").failure()).contains("does not match its hash");
        NodeScene.await(() -> {
            try {
                read(member.layer("vm1"), "0", "64k");
                return false;
            } catch (IOException e) {
                return true;
            }
        });
        assertThatThrownBy(() -> member.node.create("vm2", "debian", null))
                .isInstanceOf(ProblemException.class);
        assertThat(directory.resolve("origin/data/remote/debian")).doesNotExist();
    }

    @Test
    void aRestartBeginsAnewAndWaitsForTheCredential() throws Exception {
        server.token = "secret-one";
        Host origin = new Host("origin");
        ImageRecord image = origin.node.importRemote(raw(SLOW));
        origin.node.create("vm0", "debian", null);
        read(origin.layer("vm0"), "4M", "64k");
        origin.end();
        try (var files = Files.walk(directory.resolve("origin"))) {
            for (Path one : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(one, java.nio.charset.StandardCharsets.ISO_8859_1))
                        .doesNotContain("secret-one");
            }
        }
        server.token = "secret-two";
        Host again = new Host("origin");
        ImportProgress progress = again.node.importProgress(image.id());
        assertThat(progress.waiting()).contains("not known");
        again.node.renewCredential(image.id(), Map.of("X-Auth-Token", "secret-one"));
        NodeScene.await(() ->
                String.valueOf(again.node.importProgress(image.id()).waiting()).contains("401"));
        again.node.renewCredential(image.id(), Map.of("X-Auth-Token", "secret-two"));
        compare(again.layer("vm0"));
        await(ImageState.SEALED);
        compare(again.layer("vm0"));
    }

    @Test
    void removalInMidImportLeavesNothing() throws Exception {
        Host origin = new Host("origin");
        ImageRecord image = origin.node.importRemote(raw(SLOW));
        origin.node.removeSource(image.id());
        assertThat(volt.images()).isEmpty();
        assertThat(directory.resolve("origin/data/remote")).isEmptyDirectory();
        assertThat(directory.resolve("origin/data/remote-records")).isEmptyDirectory();
        assertThat(directory.resolve("origin/data/attachments")).isEmptyDirectory();
        assertThat(origin.node.importRemote(raw(FAST)).id()).isNotEqualTo(image.id());
        await(ImageState.SEALED);
    }

    @Test
    void theImportGoesOnWhileVoltIsAway() throws Exception {
        Host origin = new Host("origin");
        origin.node.importRemote(raw(4 << 20));
        voltIsAway = true;
        Path imported = directory.resolve("origin/data/sources");
        NodeScene.await(() -> {
            try (var files = Files.walk(imported)) {
                return files.anyMatch(one -> one.endsWith("manifest.properties"));
            } catch (IOException e) {
                return false;
            }
        });
        voltIsAway = false;
        await(ImageState.SEALED);
    }

    @Test
    void aQcow2IsReadWhileItIsFetched() throws Exception {
        Path qcow2 = directory.resolve("disk.qcow2");
        run(
                "qemu-img",
                "convert",
                "-f",
                "raw",
                "-O",
                "qcow2",
                file.toString(),
                qcow2.toString());
        server.content = Files.readAllBytes(qcow2);
        RemoteImage image =
                new RemoteImage(
                        "debian",
                        server.url(),
                        Map.of(),
                        "qcow2",
                        server.content.length,
                        "sha512",
                        server.sha512(),
                        SLOW);
        Host origin = new Host("origin");
        assertThat(origin.node.importRemote(image).size()).isEqualTo(SIZE);
        Host member = new Host("m1");
        member.node.create("vm1", "debian", null);
        read(member.layer("vm1"), "4M", "64k");
        assertThat(volt.image("debian").state()).isEqualTo(ImageState.IMPORTING);
        compare(member.layer("vm1"));
        await(ImageState.SEALED);
        NodeScene.await(() -> {
            try {
                return isSealed("m1");
            } catch (IOException e) {
                return false;
            }
        });
        compare(member.layer("vm1"));
    }

    @Test
    void aQcow2WithABackingFileIsRefused() throws Exception {
        Path qcow2 = directory.resolve("disk.qcow2");
        run(
                "qemu-img",
                "create",
                "-f",
                "qcow2",
                "-b",
                file.toString(),
                "-F",
                "raw",
                qcow2.toString());
        server.content = Files.readAllBytes(qcow2);
        Host origin = new Host("origin");
        RemoteImage image =
                new RemoteImage(
                        "debian",
                        server.url(),
                        Map.of(),
                        "qcow2",
                        server.content.length,
                        "sha512",
                        server.sha512(),
                        FAST);
        assertThatThrownBy(() -> origin.node.importRemote(image))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("backing");
        assertThat(volt.images()).isEmpty();
        assertThat(directory.resolve("origin/data/remote-records")).isEmptyDirectory();
    }
}
