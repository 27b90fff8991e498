package io.virtman.cinder.node;

import io.virtman.bridge.deadline.Deadline;
import io.virtman.cinder.engine.Engine;
import io.virtman.cinder.engine.EngineDisk;
import io.virtman.cinder.engine.EngineHost;
import io.virtman.cinder.engine.EngineImage;
import io.virtman.cinder.engine.RemoteSource;
import io.virtman.node.NodeApi;
import io.virtman.node.RemoteImage;
import io.virtman.node.VmRecord;
import io.virtman.node.VmView;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.rest.NodeClient;
import io.virtman.rest.VoltClient;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.NodeStatus;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The engine over REST. Where nodes are is known from Volt, and remembered, so that a volume can be
 * attached, detached and deleted while Volt is away.
 */
public final class RestEngine implements Engine {
    private static final long SLOWEST = 1L << 16;
    private static final long UNLIMITED = 1L << 40;
    private static final String VOLT = "Volt";

    /** For a node that Volt has not heard of lately: it may be Volt that hears nothing. */
    private static final Duration SILENT = Duration.ofSeconds(2);

    private final VoltClient volt;
    private final NodeDirectory nodes;
    private final Duration nodeTimeout;

    /**
     * @param volt base URL of Volt
     * @param voltTimeout of each call of Volt
     * @param nodeTimeout of each call of a node, within the {@link Deadline} of the request
     */
    public RestEngine(URI volt, Duration voltTimeout, Duration nodeTimeout) {
        this.volt = new VoltClient(volt, voltTimeout);
        this.nodes = new NodeDirectory(this.volt::nodes, System::nanoTime);
        this.nodeTimeout = nodeTimeout;
    }

    @Override
    public List<EngineHost> hosts() {
        return Deadline.keep(VOLT, nodes::all).stream()
                .map(node ->
                        new EngineHost(
                                node.address().name(),
                                node.alive(),
                                node.layerBytesTotal(),
                                node.layerBytesFree()))
                .toList();
    }

    /** For one call: each has as long as is left by then. */
    private NodeApi node(String host) {
        NodeStatus status =
                Deadline.keep(VOLT, () -> nodes.find(host))
                        .orElseThrow(() ->
                                new ProblemException(
                                        Kind.NOT_FOUND,
                                        "host",
                                        host + " has no VirtMan node",
                                        "start a node of that name on it"));
        Duration left = Deadline.atMost(status.alive() ? nodeTimeout : SILENT);
        if (left.isZero()) {
            throw new ProblemException(
                    Kind.UNAVAILABLE,
                    "host",
                    "no time is left to ask the node on " + host,
                    "try again; what this request waited for is in the log");
        }
        return new NodeClient(status.address().restUri(), left);
    }

    @Override
    public String attach(String host, String disk, @Nullable String image, long bytes) {
        // Larger than its volume: an extension's answer was lost. Smaller: it was left over from
        // before one; then nothing is on it, or the node keeps it and refuses.
        long size = whole(disk, present(node(host), disk)).map(VmView::size).orElse(0L);
        if (size > 0 && size < bytes) {
            node(host).destroyUnwritten(disk);
        }
        node(host).create(disk, image, Math.max(bytes, size));
        VmView.ExportView export = node(host).export(disk).export();
        if (export == null) {
            throw new ProblemException(
                    Kind.FAILED, "disk", disk + " was not exported", "look at the node's log");
        }
        return export.path();
    }

    private static Optional<VmView> present(NodeApi node, String disk) {
        try {
            return Optional.of(node.vm(disk));
        } catch (ProblemException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** The node would make one that is half destroyed anew, and empty. */
    private static Optional<VmView> whole(String disk, Optional<VmView> present) {
        if (present.filter(RestEngine::isGoing).isPresent()) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "disk",
                    disk + " is half destroyed",
                    "try again in a minute; if that doesn't help, the node's log says what is wrong");
        }
        return present;
    }

    private static boolean isGoing(VmView vm) {
        return vm.state() == VmRecord.State.DESTROYING;
    }

    @Override
    public void detach(String host, String disk) {
        ifThere(() -> node(host).unexport(disk));
    }

    @Override
    public void discard(String host, String disk) {
        ifThere(() -> node(host).destroy(disk));
    }

    @Override
    public void discardUnwritten(String host, String disk) {
        node(host).destroyUnwritten(disk);
    }

    /** A disk that isn't there is not an error; a node that isn't is. */
    private void ifThere(Runnable call) {
        try {
            call.run();
        } catch (ProblemException e) {
            if (e.kind() != Kind.NOT_FOUND || e.field().equals("host")) {
                throw e;
            }
        }
    }

    @Override
    public Optional<EngineDisk> disk(String host, String disk) {
        return present(node(host), disk).map(RestEngine::view);
    }

    @Override
    public List<EngineDisk> disks(String host) {
        return node(host).vms().stream().map(RestEngine::view).toList();
    }

    private static EngineDisk view(VmView vm) {
        return new EngineDisk(vm.name(), vm.size(), vm.written(), vm.export() != null, isGoing(vm));
    }

    @Override
    public void extend(String host, String disk, long bytes) {
        node(host).extend(disk, bytes);
    }

    @Override
    public EngineImage snapshot(String host, String disk, String name) {
        return view(node(host).snapshot(disk, name));
    }

    @Override
    public EngineImage importRemote(String host, RemoteSource source) {
        return view(
                node(host)
                        .importRemote(
                                new RemoteImage(
                                        source.name(),
                                        source.url().toString(),
                                        source.headers(),
                                        source.format(),
                                        source.length(),
                                        source.hashAlgorithm(),
                                        source.hash(),
                                        rate(source.bytesPerSecond()))));
    }

    /** A node knows no zero for "no limit", and refuses what would take forever. */
    private static long rate(long bytesPerSecond) {
        return bytesPerSecond == 0
                ? UNLIMITED
                : Math.min(UNLIMITED, Math.max(SLOWEST, bytesPerSecond));
    }

    @Override
    public void renewCredential(String host, String image, Map<String, String> headers) {
        node(host).renewCredential(image, headers);
    }

    @Override
    public Optional<EngineImage> image(String idOrName) {
        try {
            return Optional.of(view(Deadline.keep(VOLT, () -> volt.image(idOrName))));
        } catch (ProblemException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static EngineImage view(ImageRecord image) {
        EngineImage.State state =
                switch (image.state()) {
                    case IMPORTING -> EngineImage.State.IMPORTING;
                    case SEALED -> EngineImage.State.SEALED;
                    case FAILED -> EngineImage.State.FAILED;
                };
        return new EngineImage(
                image.id(),
                image.name(),
                image.origin(),
                state,
                image.size(),
                Optional.ofNullable(image.failure()));
    }

    @Override
    public void removeImage(String host, String image) {
        ifThere(() -> node(host).removeSource(image));
    }
}
