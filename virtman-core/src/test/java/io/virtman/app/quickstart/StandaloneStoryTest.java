package io.virtman.app.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.app.BootStorm;
import io.virtman.app.Terminal;
import io.virtman.app.Waiting;
import io.virtman.command.ProcessCommandRunner;
import io.virtman.command.Qemu;
import io.virtman.node.GuestRequest;
import io.virtman.node.NodeApi;
import io.virtman.node.VmView;
import io.virtman.rest.NodeClient;
import io.virtman.rest.VoltClient;
import io.virtman.stack.GuestRunner;
import io.virtman.stack.userspace.UserspaceGuests;
import io.virtman.testkit.Programs;
import io.virtman.volt.HierarchyMember;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.ImageState;
import io.virtman.volt.VoltApi;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Real services as processes, real guests: the middle of the hierarchy is killed while its children
 * boot, and comes back half a minute later to guests that waited for it.
 */
class StandaloneStoryTest {
    private static final Duration BOOT = Duration.ofMinutes(8);
    private static final Duration AWAY = Duration.ofSeconds(30);
    private static final Duration CALL = Duration.ofMinutes(3);

    private final ProcessCommandRunner runner = new ProcessCommandRunner();
    private final Map<String, ServiceProcess> services = new HashMap<>();
    private final Map<String, List<String>> arguments = new HashMap<>();
    private final Map<String, NodeApi> nodes = new HashMap<>();
    private @Nullable Path directory;
    private @Nullable VoltApi volt;

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Files.createTempDirectory("vms");
    }

    private Path directory() {
        return Objects.requireNonNull(directory);
    }

    private VoltApi volt() {
        return Objects.requireNonNull(volt);
    }

    @AfterEach
    void endEverything() throws IOException {
        for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
            if (commandLine(process).contains(directory().toString())) {
                process.destroyForcibly();
                process.onExit().join();
            }
        }
        try (Stream<Path> walk = Files.walk(directory())) {
            for (Path each : walk.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void guestsOutliveTheDeathOfTheNodeInTheMiddleAndOfTheirOwn() throws Exception {
        GuestFiles files =
                GuestFiles.provide(
                        runner,
                        Programs.require("mke2fs"),
                        Path.of(System.getProperty("java.io.tmpdir"), "virtman-test-guest"),
                        _ -> {});
        startServices(List.of("origin", "n1", "n2", "n3", "n4"));
        ImageRecord image = importDisk(files);
        // in this order, so that n1 is the parent of n3 and n4
        for (String name : List.of("n1", "n2", "n3", "n4")) {
            node(name).create("vm-" + name, image.id(), null);
        }
        node("n1").create("late", image.id(), null);
        assertThat(volt().hierarchy(image.id()).members())
                .filteredOn(member -> "n1".equals(member.parent()))
                .extracting(HierarchyMember::node)
                .containsExactly("n3", "n4");

        GuestRequest request = request(files);
        List<BootStorm.Vm> vms = new ArrayList<>();
        for (String name : List.of("n1", "n2", "n3", "n4")) {
            vms.add(new BootStorm.Vm("vm-" + name, name, node(name)));
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var storm = CompletableFuture.supplyAsync(() -> boot(image, request, vms), threads);
            long workingSet = 27L << 20;
            await(() -> node("n3").report().peerBytesIn() > workingSet / 5);
            long arrived = node("n3").report().peerBytesIn();
            kill("n1");
            assertThat(arrived)
                    .as("killed while its children were still reading")
                    .isLessThan(workingSet * 6 / 10);

            long away = System.nanoTime();
            var late =
                    CompletableFuture.supplyAsync(
                            () -> startAsTheHostWould(files, "late"), threads);
            await(() -> booted("n2") && booted("n3") && booted("n4"));
            Waiting.pause(
                    Duration.ofNanos(Math.max(0, AWAY.toNanos() - (System.nanoTime() - away))));
            assertThat(late).as("a guest about to start waits for its disk").isNotDone();
            assertThat(
                            ProcessHandle.allProcesses()
                                    .filter(one -> commandLine(one).contains("guest=vm-n1")))
                    .as("the guest of the killed service runs on")
                    .hasSize(1);

            restart("n1");
            assertThat(storm.join()).allSatisfy(boot -> assertThat(boot.failure()).isNull());
            assertThat(late.join()).startsWith("VIRTMAN-GUEST-READY late");
        }
        assertThat(node("n1").vms()).extracting(VmView::name).containsExactly("late", "vm-n1");
    }

    private List<BootStorm.Boot> boot(
            ImageRecord image, GuestRequest request, List<BootStorm.Vm> vms) {
        try {
            return new BootStorm(image.id(), request, BOOT, new Terminal()).run(vms);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Starts a guest on an existing layer while its node is away, as a hypervisor does after a
     * host's reboot.
     */
    private String startAsTheHostWould(GuestFiles files, String vm) {
        try {
            GuestRunner guests =
                    new UserspaceGuests(
                            new Qemu(runner, Programs.require("qemu-system-x86_64")),
                            directory().resolve("run-late"),
                            directory().resolve("consoles-late"));
            guests.start(
                    new GuestRunner.Start(
                            vm,
                            directory().resolve("n1/layers/" + vm + ".qcow2"),
                            GuestKernel.GUEST_MEMORY_MEBIBYTES,
                            files.kernel().image(),
                            files.kernel().initialRamDisk(),
                            GuestKernel.commandLine(vm)));
            return guests.awaitLine(vm, GuestReport.PREFIX, BOOT);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static GuestRequest request(GuestFiles files) {
        return new GuestRequest(
                GuestKernel.GUEST_MEMORY_MEBIBYTES,
                files.kernel().image().toString(),
                files.kernel().initialRamDisk().toString(),
                GuestKernel.COMMAND_LINE,
                "VIRTMAN-GUEST-READY");
    }

    private boolean booted(String name) {
        VmView.GuestView guest = node(name).vm("vm-" + name).guest();
        return guest != null && guest.bootMillis() != null;
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + BOOT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Waiting.pause(Duration.ofMillis(50));
        }
    }

    private void startServices(List<String> names) throws Exception {
        int port = freePort();
        launch(
                "volt",
                List.of(
                        "volt",
                        "--data",
                        directory().resolve("volt").toString(),
                        "--listen",
                        "127.0.0.1:" + port));
        URI voltUri = service("volt").awaitReady();
        volt = new VoltClient(voltUri, CALL);
        for (String name : names) {
            launch(
                    name,
                    List.of(
                            "node",
                            "--name",
                            name,
                            "--volt",
                            voltUri.toString(),
                            "--data",
                            directory().resolve(name).toString(),
                            "--run",
                            directory().resolve(name + "-run").toString(),
                            "--listen",
                            "127.0.0.1:" + freePort(),
                            "--peer",
                            "127.0.0.1:" + freePort(),
                            "--cache-size",
                            "256M"));
        }
        for (String name : names) {
            nodes.put(name, new NodeClient(service(name).awaitReady(), CALL));
        }
        await(() -> volt().nodes().size() == names.size());
    }

    private NodeApi node(String name) {
        return Objects.requireNonNull(nodes.get(name));
    }

    private ServiceProcess service(String name) {
        return Objects.requireNonNull(services.get(name));
    }

    private void launch(String name, List<String> command) throws IOException {
        arguments.put(name, command);
        services.put(
                name,
                ServiceProcess.launch(
                        runner,
                        name,
                        directory().resolve(name + ".log"),
                        directory().toString(),
                        command));
    }

    private void kill(String name) {
        ProcessHandle process = ProcessHandle.of(service(name).processId()).orElseThrow();
        process.destroyForcibly();
        process.onExit().join();
    }

    private void restart(String name) throws Exception {
        launch(name, Objects.requireNonNull(arguments.get(name)));
        service(name).awaitReady();
    }

    private ImageRecord importDisk(GuestFiles files) throws InterruptedException {
        ImageRecord image = node("origin").importImage("disk", files.disk().toString(), "raw");
        await(() -> volt().image(image.id()).state() != ImageState.IMPORTING);
        ImageRecord sealed = volt().image(image.id());
        assertThat(sealed.state()).isEqualTo(ImageState.SEALED);
        return sealed;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
