package io.virtman.stack.userspace;

import io.virtman.block.BlockSource;
import io.virtman.block.LentSource;
import io.virtman.block.SealedImage;
import io.virtman.cache.CachedImage;
import io.virtman.nbd.ExportCatalog;
import io.virtman.nbd.NbdRefusal;
import io.virtman.nbd.NbdServer;
import io.virtman.nbd.NbdServerLimits;
import io.virtman.nbd.NbdUri;
import io.virtman.peer.Parent;
import io.virtman.peer.ParentSet;
import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.stack.AttachRequest;
import io.virtman.stack.AttachedImage;
import io.virtman.stack.ImageTraffic;
import io.virtman.stack.ParentHost;
import io.virtman.stack.PeerExportName;
import io.virtman.stack.ReadFootprint;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One image in user space: a source, and a Unix socket on which the layers' backing references find
 * it.
 */
final class UserspaceImage implements AttachedImage {
    /** As long as QEMU waits for this service itself. */
    private static final Duration PATIENCE = Duration.ofSeconds(QcowLayers.RECONNECT_DELAY);

    private final String id;
    private final SealedImage content;
    private final BlockSource whole;
    private final BlockSource disk;
    private final @Nullable ParentSet parents;
    private final @Nullable CachedImage cached;
    private final NbdServer guests;
    private final Map<String, ReadFootprint> footprints = new ConcurrentHashMap<>();
    private final Consumer<UserspaceImage> onClose;
    private volatile int level;

    /**
     * @param whole owned from here on
     * @param disk a view of {@code whole}
     * @param parents owned from here on; null on the origin
     * @param onClose told first when it is closed
     */
    UserspaceImage(
            AttachRequest request,
            BlockSource whole,
            BlockSource disk,
            @Nullable ParentSet parents,
            Consumer<UserspaceImage> onClose) {
        this.id = request.id();
        this.content = request.image();
        this.whole = whole;
        this.disk = disk;
        this.parents = parents;
        this.cached = whole instanceof CachedImage image ? image : null;
        this.onClose = onClose;
        this.level = request.level();
        this.guests = new NbdServer("image " + id, new GuestCatalog(), NbdServerLimits.standard());
    }

    /** Where those hosts serve the image to a child of that level. */
    static List<Parent> parents(SealedImage image, List<ParentHost> hosts, int level) {
        String export = PeerExportName.of(image, level).toString();
        return hosts.stream()
                .map(host ->
                        new Parent(
                                host.name(),
                                List.of(NbdUri.parse("nbd://" + host.peer() + "/" + export))))
                .toList();
    }

    void listen(Path socket) throws IOException {
        guests.listen(UnixDomainSocketAddress.of(socket));
    }

    SealedImage content() {
        return content;
    }

    BlockSource whole() {
        return whole;
    }

    int level() {
        return level;
    }

    /**
     * A guest's layer names its VM as the export, which tells whose reads they are; the empty name
     * is anyone's.
     */
    private final class GuestCatalog implements ExportCatalog {
        @Override
        public List<String> names() {
            return List.of("");
        }

        @Override
        public BlockSource open(String name) throws NbdRefusal {
            if (name.isEmpty()) {
                return new LentSource(disk);
            }
            BlockSource patient = new PatientSource(disk, PATIENCE);
            try {
                Names.require("export", name);
            } catch (ProblemException e) {
                throw new NbdRefusal(NbdRefusal.Reason.UNKNOWN, e.detail());
            }
            return new RecordedSource(
                    patient, footprints.computeIfAbsent(name, _ -> new ReadFootprint()));
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public synchronized void update(List<ParentHost> list, int newLevel) {
        if (parents != null) {
            level = newLevel;
            parents.update(parents(content, list, newLevel), newLevel);
        }
    }

    @Override
    public ImageTraffic traffic() {
        return new ImageTraffic(
                parents == null ? Map.of() : parents.bytesInByParent(),
                guests.bytesOut(),
                cached == null ? 0 : cached.cachedBytes());
    }

    @Override
    public ReadFootprint.Size footprint(String vm) {
        ReadFootprint footprint = footprints.get(vm);
        return footprint == null ? ReadFootprint.Size.NONE : footprint.size();
    }

    @Override
    public Map<String, String> parentStates() {
        return parents == null ? Map.of() : parents.states();
    }

    void forget(String vm) {
        footprints.remove(vm);
    }

    @Override
    public void close() throws IOException {
        onClose.accept(this);
        try (whole;
                parents) {
            guests.close(); // first: a guest that loses its connection waits, one told EIO does not
        }
    }
}
