package io.virtman.stack.userspace;

import io.virtman.block.BlockSource;
import io.virtman.block.PrivateFiles;
import io.virtman.cache.CacheGroup;
import io.virtman.cache.CachedImage;
import io.virtman.cache.VerifiedSource;
import io.virtman.command.QemuImgCreate;
import io.virtman.image.ImportedImage;
import io.virtman.nbd.NbdServer;
import io.virtman.nbd.NbdServerLimits;
import io.virtman.peer.ParentSet;
import io.virtman.peer.PeerTimeouts;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.stack.AttachRequest;
import io.virtman.stack.AttachedImage;
import io.virtman.stack.CacheUsage;
import io.virtman.stack.LayerSpace;
import io.virtman.stack.ParentHost;
import io.virtman.stack.StorageStack;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The userspace stack: parents over NBD, a cache of verified chunks, an NBD export for children on
 * TCP, one Unix socket per image for guests, and qcow2 layers whose backing reference names that
 * socket.
 */
public final class UserspaceStack implements StorageStack {
    private static final int LONGEST_SOCKET_PATH = 107; // sun_path without its NUL
    private static final int SOCKET_NAME = "/00000000-0000-0000-0000-000000000000.sock".length();

    private final CacheGroup cache;
    private final PeerTimeouts timeouts;
    private final ParentSet.ComplaintListener complaints;
    private final QcowLayers layers;
    private final Path sockets;
    private final PeerCatalog catalog = new PeerCatalog();
    private final NbdServer peers;
    private final InetSocketAddress peerAddress;
    private final Map<String, UserspaceImage> images = new ConcurrentHashMap<>();

    /**
     * @param cache closed with this stack
     * @param runDirectory sockets are made in its folder {@code images}
     * @param layerDirectory where layers are kept
     * @param peerAddress where children reach this host; bound at once
     */
    public UserspaceStack(
            CacheGroup cache,
            Path runDirectory,
            Path layerDirectory,
            InetSocketAddress peerAddress,
            QemuImgCreate qemuImg,
            PeerTimeouts timeouts,
            ParentSet.ComplaintListener complaints)
            throws IOException {
        this.cache = cache;
        this.timeouts = timeouts;
        this.complaints = complaints;
        requireShort(runDirectory.resolve("images"));
        this.sockets = Files.createDirectories(runDirectory.resolve("images"));
        this.layers = new QcowLayers(PrivateFiles.directory(layerDirectory), qemuImg);
        this.peers = new NbdServer("children", catalog, NbdServerLimits.standard());
        this.peerAddress = listen(peers, peerAddress);
    }

    private static InetSocketAddress listen(NbdServer peers, InetSocketAddress address) {
        try {
            return (InetSocketAddress) peers.listen(address);
        } catch (IOException e) {
            throw new ProblemException(
                    Kind.UNAVAILABLE,
                    "peer address",
                    "cannot listen on " + address + ": " + e.getMessage(),
                    "choose an address of this host and a free port",
                    e);
        }
    }

    /** Said at once, and not when the first image is attached. */
    private static void requireShort(Path directory) {
        int length = directory.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8).length;
        if (length + SOCKET_NAME > LONGEST_SOCKET_PATH) {
            throw new ProblemException(
                    Kind.INVALID,
                    "run directory",
                    directory + " is too long for paths of Unix sockets",
                    "choose one of at most "
                            + (LONGEST_SOCKET_PATH - SOCKET_NAME - "/images".length())
                            + " bytes");
        }
    }

    @Override
    public AttachedImage attach(AttachRequest request) throws IOException {
        UserspaceImage image = openImage(request);
        try {
            image.listen(socket(request.id()));
        } catch (IOException | RuntimeException e) {
            image.close();
            throw e;
        }
        catalog.add(image);
        images.put(request.id(), image);
        return image;
    }

    private UserspaceImage openImage(AttachRequest request) throws IOException {
        ImportedImage source = request.source();
        BlockSource live = request.live();
        if (source != null) {
            BlockSource whole = new VerifiedSource(request.image(), source.openWhole());
            return new UserspaceImage(request, whole, null, null, null, this::detached);
        }
        if (live != null) {
            BlockSource whole = new SealableSource(live);
            return new UserspaceImage(request, whole, null, null, null, this::detached);
        }
        ParentSet parents = parents(request, request.parents());
        if (request.sealed()) {
            CachedImage cached = CachedImage.sealed(request.image(), cache, parents);
            return new UserspaceImage(request, cached, cached, parents, null, this::detached);
        }
        ParentSet origin = parents(request, UserspaceImage.origin(request.parents()));
        CachedImage cached = CachedImage.unsealed(request.image(), cache, parents, origin);
        return new UserspaceImage(
                request, new SealableSource(cached), cached, parents, origin, this::detached);
    }

    private ParentSet parents(AttachRequest request, List<ParentHost> hosts) {
        ParentSet parents = new ParentSet(timeouts, complaints);
        parents.update(
                UserspaceImage.parents(request.id(), request.image(), hosts, request.level()),
                request.level());
        return parents;
    }

    private void detached(UserspaceImage image) {
        catalog.remove(image);
        images.remove(image.id(), image);
    }

    @Override
    public Path createLayer(String vm, AttachedImage image, long size) throws IOException {
        return layers.create(vm, socket(image.id()), size);
    }

    @Override
    public Path createEmptyLayer(String vm, long size) throws IOException {
        return layers.createEmpty(vm, size);
    }

    @Override
    public void extendLayer(String vm, long size) throws IOException {
        layers.extend(vm, size);
    }

    @Override
    public boolean written(String vm) throws IOException {
        return layers.written(vm);
    }

    @Override
    public void copyLayer(String vm, Path copy) throws IOException {
        layers.copy(vm, copy);
    }

    @Override
    public void flattenLayer(Path copy, @Nullable AttachedImage image, Path raw)
            throws IOException {
        layers.flatten(copy, image == null ? null : socket(image.id()), raw);
    }

    @Override
    public LayerSpace layerSpace() {
        return layers.space();
    }

    @Override
    public Path layer(String vm) {
        return layers.path(vm);
    }

    @Override
    public void destroyLayer(String vm) throws IOException {
        layers.destroy(vm);
        images.values().forEach(image -> image.forget(vm));
    }

    private Path socket(String imageId) {
        return sockets.resolve(imageId + ".sock");
    }

    @Override
    public CacheUsage cache() {
        return new CacheUsage(cache.usedBytes(), cache.capacity(), cache.failures());
    }

    @Override
    public long peerBytesOut() {
        return peers.bytesOut();
    }

    /** The port children reach this host on. */
    public int peerPort() {
        return peerAddress.getPort();
    }

    @Override
    public void close() throws IOException {
        peers.close();
        for (UserspaceImage image : List.copyOf(images.values())) {
            image.close();
        }
        cache.close();
    }
}
