package io.virtman.stack.userspace;

import io.virtman.block.BlockSource;
import io.virtman.block.LentSource;
import io.virtman.block.SealedImage;
import io.virtman.cache.CachedImage;
import io.virtman.cache.VerifiedSource;
import io.virtman.image.DataView;
import io.virtman.image.ImportedImage;
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
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One image in user space: a source, and a Unix socket on which the layers' backing references find
 * it.
 */
final class UserspaceImage implements AttachedImage {
    /** As long as QEMU waits for this service itself. */
    private static final Duration PATIENCE = Duration.ofSeconds(QcowLayers.RECONNECT_DELAY);

    private final String id;
    private final SealedImage name;
    private final SealedImage attachedAs; // stays: parents keep their connections over the seal
    private final BlockSource whole;
    private final BlockSource disk;
    private final @Nullable ParentSet parents;
    private final @Nullable ParentSet vouchers;
    private final @Nullable CachedImage cached;
    private final NbdServer guests;
    private final Map<String, ReadFootprint> footprints = new ConcurrentHashMap<>();
    private final Consumer<UserspaceImage> onClose;
    private volatile int level;
    private volatile SealedImage content;

    /**
     * @param whole owned from here on; a {@link SealableSource} when the image is not sealed
     * @param cached what {@code whole} is, or is about; null on the origin
     * @param parents owned from here on; null on the origin
     * @param vouchers the origin alone, as one more set of parents, of an image that was attached
     *     before it was sealed; owned from here on
     * @param onClose told first when it is closed
     */
    UserspaceImage(
            AttachRequest request,
            BlockSource whole,
            @Nullable CachedImage cached,
            @Nullable ParentSet parents,
            @Nullable ParentSet vouchers,
            Consumer<UserspaceImage> onClose) {
        this.id = request.id();
        this.name = SealedImage.unsealed(request.id(), request.image().size());
        this.content = request.image();
        this.whole = whole;
        this.disk = new DataView(whole, request.image().size());
        this.parents = parents;
        this.vouchers = vouchers;
        this.cached = cached;
        this.onClose = onClose;
        this.attachedAs = request.image();
        this.level = request.level();
        this.guests = new NbdServer("image " + id, new GuestCatalog(), NbdServerLimits.standard());
    }

    /**
     * Where those hosts serve the image to a child of that level: by its digest, or by the name it
     * has on hosts that have not heard of the digest.
     */
    static List<Parent> parents(String id, SealedImage image, List<ParentHost> hosts, int level) {
        SealedImage name = SealedImage.unsealed(id, image.size());
        List<String> exports =
                Stream.of(image, name)
                        .distinct()
                        .map(one -> PeerExportName.of(one, level).toString())
                        .toList();
        return hosts.stream()
                .map(host ->
                        new Parent(
                                host.name(),
                                exports.stream()
                                        .map(export -> "nbd://" + host.peer() + "/" + export)
                                        .map(NbdUri::parse)
                                        .toList()))
                .toList();
    }

    /** The last of a list of parents, the origin. */
    static List<ParentHost> origin(List<ParentHost> hosts) {
        return hosts.isEmpty() ? List.of() : List.of(hosts.getLast());
    }

    /** Whether children may know its content by that name. */
    boolean isCalled(PeerExportName wanted) {
        return wanted.names(content) || wanted.names(name);
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
            parents.update(parents(id, attachedAs, list, newLevel), newLevel);
            if (vouchers != null) {
                vouchers.update(parents(id, attachedAs, origin(list), newLevel), newLevel);
            }
        }
    }

    @Override
    public synchronized void seal(SealedImage sealed, @Nullable ImportedImage source)
            throws IOException {
        if (!(whole instanceof SealableSource sealable) || content.equals(sealed)) {
            return;
        }
        if (cached != null) {
            cached.seal(sealed);
        } else if (source != null) {
            BlockSource verified = new VerifiedSource(sealed, source.openWhole());
            try {
                sealable.replace(verified);
            } catch (IOException e) {
                verified.close();
                throw e;
            }
        }
        content = sealed;
    }

    @Override
    public void fail(String reason) {
        if (whole instanceof SealableSource sealable) {
            sealable.fail(reason);
        }
    }

    @Override
    public ImageTraffic traffic() {
        Map<String, Long> bytesIn = new TreeMap<>();
        for (ParentSet set : sets()) {
            set.bytesInByParent()
                    .forEach((parent, bytes) -> bytesIn.merge(parent, bytes, Long::sum));
        }
        return new ImageTraffic(
                bytesIn, guests.bytesOut(), cached == null ? 0 : cached.cachedBytes());
    }

    private List<ParentSet> sets() {
        return Stream.of(parents, vouchers).flatMap(Stream::ofNullable).toList();
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
                parents;
                vouchers) {
            guests.close(); // first: a guest that loses its connection waits, one told EIO does not
        }
    }
}
