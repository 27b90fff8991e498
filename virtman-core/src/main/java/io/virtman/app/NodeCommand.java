package io.virtman.app;

import io.virtman.cache.CacheGroup;
import io.virtman.command.Mounts;
import io.virtman.command.ProcessCommandRunner;
import io.virtman.command.Qemu;
import io.virtman.command.QemuImg;
import io.virtman.command.QemuImgCreate;
import io.virtman.command.QemuStorageDaemon;
import io.virtman.image.ImageImporter;
import io.virtman.node.Complaints;
import io.virtman.node.NodeOptions;
import io.virtman.node.NodeService;
import io.virtman.peer.PeerTimeouts;
import io.virtman.problem.Names;
import io.virtman.rest.NodeResources;
import io.virtman.rest.RestServer;
import io.virtman.rest.VoltClient;
import io.virtman.stack.userspace.LiveLayers;
import io.virtman.stack.userspace.UserspaceGuests;
import io.virtman.stack.userspace.UserspaceStack;
import io.virtman.volt.NodeAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Wires and runs the node service. */
@Command(
        name = "node",
        mixinStandardHelpOptions = true,
        description =
                "Run the node service of a host: attaches images, caches, serves children, makes and boots VMs."
                        + " Prints 'ready rest=URL peer=HOST:PORT'.")
final class NodeCommand implements Callable<Integer> {
    private static final Duration VOLT_TIMEOUT = Duration.ofSeconds(10);

    @Option(
            names = "--name",
            required = true,
            description = "name of this node, unique in its cluster")
    private String name = "";

    @Option(
            names = "--volt",
            paramLabel = "URL",
            defaultValue = "${env:VIRTMAN_VOLT:-http://127.0.0.1:7400}",
            description = "Volt's address (default: $VIRTMAN_VOLT or http://127.0.0.1:7400)")
    private URI volt = URI.create("http://127.0.0.1:7400");

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "/var/lib/virtman/node",
            description = "images, layers and journal (default: ${DEFAULT-VALUE})")
    private Path data = Path.of("");

    @Option(
            names = "--run",
            paramLabel = "DIR",
            defaultValue = "/run/virtman",
            description = "sockets and process files (default: ${DEFAULT-VALUE})")
    private Path run = Path.of("");

    @Option(
            names = "--exports",
            paramLabel = "DIR",
            description =
                    "folder in which exported disks appear, for guests that others start"
                            + " (default: 'exports' in --run)")
    private @Nullable Path exports;

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "cache medium (default: 'cache' in --data)")
    private @Nullable Path cache;

    @Option(
            names = "--cache-size",
            paramLabel = "SIZE",
            converter = ByteSize.class,
            defaultValue = "10G",
            description = "room for chunks (default: ${DEFAULT-VALUE})")
    private long cacheSize;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:7401",
            description = "REST address (default: ${DEFAULT-VALUE})")
    private String listen = "";

    @Option(
            names = "--peer",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:10809",
            description = "NBD address for children (default: ${DEFAULT-VALUE})")
    private String peer = "";

    @Option(
            names = "--heartbeat-millis",
            defaultValue = "1000",
            description = "interval of reports to Volt (default: ${DEFAULT-VALUE})")
    private int heartbeatMillis;

    @Option(
            names = "--insecure-no-tls",
            description = "allow addresses other hosts can reach, without TLS")
    private boolean insecure;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Names.require("--name", name);
        InetSocketAddress restAddress = ListenAddress.parse("--listen", listen, insecure);
        InetSocketAddress peerAddress = ListenAddress.parse("--peer", peer, insecure);
        NodeOptions options = new NodeOptions(name, data, Intervals.heartbeat(heartbeatMillis));
        ProcessCommandRunner runner = new ProcessCommandRunner();
        Complaints complaints = new Complaints();
        CacheGroup group =
                CacheGroup.open(cache == null ? data.resolve("cache") : cache, cacheSize);
        UserspaceStack stack =
                new UserspaceStack(
                        group,
                        run.toAbsolutePath(),
                        data.toAbsolutePath().resolve("layers"),
                        peerAddress,
                        new QemuImgCreate(runner),
                        PeerTimeouts.standard(),
                        complaints::corrupt);
        UserspaceGuests guests =
                new UserspaceGuests(
                        new Qemu(runner, "qemu-system-x86_64"),
                        run.toAbsolutePath(),
                        data.toAbsolutePath().resolve("consoles"));
        LiveLayers layers =
                new LiveLayers(
                        new QemuStorageDaemon(runner, "qemu-storage-daemon"),
                        new Mounts(runner),
                        exports == null ? run.resolve("exports") : exports,
                        run.resolve("layers"));
        DeferredNode deferred = new DeferredNode();
        RestServer rest = RestServer.start(restAddress, NodeResources.of(deferred.api()));
        NodeAddress self =
                new NodeAddress(
                        name,
                        "http://" + ListenAddress.advertised("--listen", restAddress, rest.port()),
                        ListenAddress.advertised("--peer", peerAddress, stack.peerPort()));
        NodeService service =
                new NodeService(
                        options,
                        self,
                        stack,
                        guests,
                        layers,
                        new VoltClient(volt, VOLT_TIMEOUT),
                        new ImageImporter(new QemuImg(runner)),
                        complaints,
                        InstantSource.system());
        service.start(options);
        deferred.complete(service);
        return Service.run(
                "ready rest=" + self.rest() + " peer=" + self.peer(),
                () -> {
                    rest.close();
                    service.close();
                    layers.close();
                });
    }
}
