package io.virtman.cinder.volume;

import io.virtman.cinder.cloud.ImageService;
import io.virtman.cinder.cloud.SourceImage;
import io.virtman.cinder.database.BridgeImage;
import io.virtman.cinder.database.BridgeImage.State;
import io.virtman.cinder.database.BridgeImages;
import io.virtman.cinder.database.UserMessage.Detail;
import io.virtman.cinder.engine.Engine;
import io.virtman.cinder.engine.EngineHost;
import io.virtman.cinder.engine.EngineImage;
import io.virtman.cinder.engine.RemoteSource;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Images of Glance's as images of VirtMan's: one each, however many volumes are made of them. To
 * note one is a row in our table; its origin hears of it when it is first needed.
 */
public final class GlanceImages {
    /** The formats that an origin reads. */
    static final Set<String> FORMATS = Set.of("raw", "qcow2");

    private static final long GIBIBYTE = 1L << 30;

    private final Ledger ledger;
    private final Engine engine;
    private final ImageService glance;
    private final VolumeSettings settings;
    private final Locks locks;

    public GlanceImages(
            Ledger ledger, Engine engine, ImageService glance, VolumeSettings settings) {
        this.ledger = ledger;
        this.engine = engine;
        this.glance = glance;
        this.settings = settings;
        this.locks = new Locks(settings.lockLimit());
    }

    /** The image as its caller may see it; as the bridge may, when the caller's token is gone. */
    SourceImage look(String glanceId, Caller caller) {
        try {
            SourceImage image = glance.image(glanceId, caller.token());
            return requireUsable(image);
        } catch (ProblemException e) {
            throw fault(glanceId, e);
        }
    }

    /** Who is away is not the image's fault. */
    private static VolumeFault fault(String glanceId, ProblemException problem) {
        return problem.kind() == Kind.UNAVAILABLE
                ? VolumeFault.of(problem, Detail.UNKNOWN_ERROR)
                : VolumeFault.image(glanceId, problem.getMessage(), Detail.UNKNOWN_ERROR);
    }

    private static SourceImage requireUsable(SourceImage image) {
        if (!image.status().equals("active")) {
            throw VolumeFault.image(
                    image.id(), "it is " + image.status() + ", not active", Detail.UNKNOWN_ERROR);
        }
        if (!FORMATS.contains(image.diskFormat()) || !image.containerFormat().equals("bare")) {
            throw VolumeFault.image(
                    image.id(),
                    "format "
                            + image.diskFormat()
                            + " in "
                            + image.containerFormat()
                            + " is not supported: use raw or qcow2 in bare",
                    Detail.IMAGE_FORMAT_UNACCEPTABLE);
        }
        if (image.hash().isEmpty()) {
            throw VolumeFault.image(
                    image.id(), "it has no hash to check it by", Detail.UNKNOWN_ERROR);
        }
        return image;
    }

    /**
     * Our image for one of Glance's, with its size. An origin is asked only if nobody else knows
     * the size of the disk.
     *
     * @throws VolumeFault when it has failed before, or can't be used
     */
    BridgeImage of(SourceImage source) {
        BridgeImage image = noted(source);
        if (image.state() == State.FAILED) {
            throw VolumeFault.image(
                    source.id(), image.failure().orElse("it failed"), Detail.UNKNOWN_ERROR);
        }
        return image.bytes().isPresent() ? image : registered(image, Optional.of(source));
    }

    private BridgeImage noted(SourceImage source) {
        Optional<BridgeImage> known = ledger.read(tx -> BridgeImages.ofGlance(tx, source.id()));
        if (known.isPresent()) {
            return known.get();
        }
        Long bytes =
                source.diskFormat().equals("raw")
                        ? Long.valueOf(source.length())
                        : source.virtualBytes().orElse(null);
        return ledger.change(tx -> {
            BridgeImages.add(tx, UUID.randomUUID().toString(), source.id(), bytes);
            return BridgeImages.ofGlance(tx, source.id()).orElseThrow();
        });
    }

    /**
     * Sees to it that an origin has the image.
     *
     * @return the image, with its id in Volt's catalogue
     * @throws VolumeFault when that can't be had
     */
    public BridgeImage registered(BridgeImage image) {
        return registered(image, Optional.empty());
    }

    private BridgeImage registered(BridgeImage image, Optional<SourceImage> seen) {
        if (image.voltId().isPresent()) {
            return image;
        }
        String glanceId =
                image.glanceId()
                        .orElseThrow(() ->
                                VolumeFault.backend(
                                        "image " + image.id() + " is not made yet",
                                        Detail.VOLUME_INVALID_STATE));
        try (Locks.Held _ = locks.hold(image.id())) {
            BridgeImage now = ledger.read(tx -> BridgeImages.find(tx, image.id())).orElse(image);
            if (now.voltId().isPresent()) {
                return now;
            }
            return register(
                    now,
                    seen.isPresent() ? seen.get() : requireUsable(glance.image(glanceId, null)));
        } catch (ProblemException e) {
            if (e.kind() == Kind.INVALID) {
                // its content will not get better
                ImageFailure.note(
                        ledger, image.id(), e.getMessage(), Detail.IMAGE_FORMAT_UNACCEPTABLE);
                throw VolumeFault.image(glanceId, e.getMessage(), Detail.IMAGE_FORMAT_UNACCEPTABLE);
            }
            throw fault(glanceId, e);
        }
    }

    private BridgeImage register(BridgeImage image, SourceImage source) {
        ImageService.Hash hash = source.hash().orElseThrow();
        EngineImage made =
                engine.importRemote(
                        origin(source),
                        new RemoteSource(
                                Names.glanceImage(source.id()),
                                source.data(),
                                glance.credential().headers(),
                                source.diskFormat(),
                                source.length(),
                                hash.algorithm(),
                                hash.hex(),
                                settings.importRate()));
        return ledger.change(tx -> {
            BridgeImages.registered(tx, image.id(), made.id(), made.origin(), made.bytes());
            return BridgeImages.find(tx, image.id()).orElse(image);
        });
    }

    /** The one that has it already, else the node with the most room. */
    private String origin(SourceImage source) {
        Optional<EngineImage> there = engine.image(Names.glanceImage(source.id()));
        if (there.isPresent()) {
            return there.get().origin();
        }
        return engine.hosts().stream()
                .filter(EngineHost::alive)
                .filter(host ->
                        settings.importNodes().isEmpty()
                                || settings.importNodes().contains(host.name()))
                .max(Comparator.comparingLong(EngineHost::bytesFree))
                .map(EngineHost::name)
                .orElseThrow(() ->
                        new ProblemException(
                                Kind.UNAVAILABLE,
                                "image",
                                "no node is up that may import it",
                                "start a node, or change import_nodes"));
    }

    /** Whole GiB a volume must at least have. */
    static int gibibytes(long bytes) {
        return Math.toIntExact(Math.ceilDiv(bytes, GIBIBYTE));
    }
}
