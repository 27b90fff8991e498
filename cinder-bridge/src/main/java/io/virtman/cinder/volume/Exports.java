package io.virtman.cinder.volume;

import io.virtman.cinder.database.Attachments;
import io.virtman.cinder.database.BridgeImage;
import io.virtman.cinder.database.BridgeImages;
import io.virtman.cinder.database.Layer;
import io.virtman.cinder.database.Layers;
import io.virtman.cinder.database.Outcome;
import io.virtman.cinder.database.QosSpecs;
import io.virtman.cinder.database.UserMessage.Detail;
import io.virtman.cinder.database.Volume;
import io.virtman.cinder.database.Volumes;
import io.virtman.cinder.engine.Engine;
import io.virtman.cinder.engine.EngineDisk;
import io.virtman.cinder.engine.EngineHost;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Volumes as files on hosts. A volume is at home on one host from its first attachment on; one that
 * has never been written may move, any other is bound to its home. Callers hold its lock.
 */
public final class Exports {
    private static final Logger LOGGER = System.getLogger(Exports.class.getName());
    private static final long GIBIBYTE = 1L << 30;

    private final Ledger ledger;
    private final Engine engine;
    private final Disks disks;
    private final GlanceImages images;

    public Exports(Ledger ledger, Engine engine, Disks disks, GlanceImages images) {
        this.ledger = ledger;
        this.engine = engine;
        this.disks = disks;
        this.images = images;
    }

    /**
     * Checks that a host can have volumes.
     *
     * @throws VolumeFault when it has no node, or its node is down
     */
    void requireHost(String host) {
        Optional<EngineHost> found;
        try {
            found = engine.hosts().stream().filter(each -> each.name().equals(host)).findFirst();
        } catch (ProblemException e) {
            throw VolumeFault.of(e, Detail.ATTACH_ERROR);
        }
        if (found.isEmpty()) {
            throw VolumeFault.input(
                    "host "
                            + host
                            + " has no VirtMan node: start one there whose name is Nova's name of"
                            + " the host");
        }
        if (!found.get().alive()) {
            throw VolumeFault.backend(
                    "the VirtMan node on host " + host + " is down", Detail.ATTACH_ERROR);
        }
    }

    /** Offers a volume on a host; the path of the file. */
    String make(String volumeId, String host) {
        Volume volume =
                ledger.read(tx -> Volumes.find(tx, volumeId))
                        .orElseThrow(() -> VolumeFault.noVolume(volumeId));
        Layer layer =
                ledger.read(tx -> Layers.find(tx, volumeId))
                        .orElseThrow(
                                () -> VolumeFault.volume(volumeId + " was not made by VirtMan"));
        Optional<BridgeImage> image = layer.source().id().map(id -> image(id, volumeId));
        long bytes = Math.max(volume.size() * GIBIBYTE, image.map(Exports::madeBytes).orElse(0L));
        settle(volume, layer, host);
        String path;
        try {
            path =
                    engine.attach(
                            host,
                            Names.disk(volumeId),
                            image.flatMap(BridgeImage::voltId).orElse(null),
                            bytes);
        } catch (ProblemException e) {
            unsettle(volumeId, host);
            throw VolumeFault.of(e, Detail.ATTACH_ERROR);
        }
        // Before anybody is told of the file; after there is one, so that a crash in between
        // leaves no volume that claims to have data and has no disk.
        if (ledger.change(tx -> Layers.written(tx, volumeId)) != Outcome.DONE) {
            throw VolumeFault.volume(volumeId + " is not there any more");
        }
        return path;
    }

    /** An image of a volume is larger than that when its extension's answer was lost. */
    private static long madeBytes(BridgeImage image) {
        return image.glanceId().isPresent() ? 0 : image.bytes().orElse(0L);
    }

    private BridgeImage image(String imageId, String volumeId) {
        BridgeImage image =
                ledger.read(tx -> BridgeImages.find(tx, imageId))
                        .orElseThrow(() ->
                                VolumeFault.backend(
                                        "the image of volume " + volumeId + " is unknown",
                                        Detail.ATTACH_ERROR));
        if (image.state() == BridgeImage.State.FAILED) {
            throw VolumeFault.image(
                    image.glanceId().orElse(imageId),
                    image.failure().orElse("it failed"),
                    Detail.ATTACH_ERROR);
        }
        return images.registered(image);
    }

    /**
     * Makes the host the volume's home, unless its data is elsewhere. One that isn't noted as
     * written has never been told to anybody, so what is left of it elsewhere need not be asked.
     */
    private void settle(Volume volume, Layer layer, String host) {
        Optional<String> home = layer.homeHost();
        boolean elsewhere = home.isPresent() && !home.get().equals(host);
        if (layer.written() && home.isPresent()) {
            EngineDisk disk = disks.require(layer, home.get());
            if (!elsewhere) {
                return; // nothing changes
            }
            if (disk.offered() ? writtenOnceClosed(volume, layer, home.get()) : disk.written()) {
                throw VolumeFault.volume(
                        layer.id()
                                + " has its data on host "
                                + home.get()
                                + " and can only be attached there");
            }
            requireNobodyOn(home.get(), layer.id());
        }
        Outcome outcome =
                ledger.change(tx -> {
                    if (elsewhere) {
                        Layers.neverWritten(tx, layer.id());
                    }
                    return Layers.place(tx, layer.id(), host, Names.disk(layer.id()));
                });
        if (outcome != Outcome.DONE) {
            throw VolumeFault.volume(layer.id() + " can't be placed on host " + host);
        }
        if (elsewhere) { // after it was noted: else a crash would leave a home without a disk
            forgetLater(home.get(), layer.id());
        }
    }

    /**
     * Whether anybody has written into a disk that is offered to nobody any more, which is known
     * only when it isn't offered.
     */
    private boolean writtenOnceClosed(Volume volume, Layer layer, String home) {
        requireNobodyOn(home, layer.id());
        if (volume.status().equals("in-use")) { // by whoever has no attachment
            throw VolumeFault.volume(layer.id() + " is in use on host " + home);
        }
        boolean _ = ledger.change(_ -> true); // see endUnlessNeeded
        try {
            engine.detach(home, Names.disk(layer.id()));
        } catch (ProblemException e) {
            throw VolumeFault.of(e, Detail.ATTACH_ERROR);
        }
        return disks.require(layer, home).written();
    }

    /** Whoever has it there, as during a live migration, would lose it under a running guest. */
    private void requireNobodyOn(String home, String volumeId) {
        boolean attached =
                ledger.read(tx -> Attachments.ofVolume(tx, volumeId)).stream()
                        .anyMatch(each -> each.isConnectedOn(home));
        if (attached) {
            throw VolumeFault.volume(
                    volumeId + " is attached on host " + home + " and can't be on another one");
        }
    }

    /** A disk that can't be removed now is left to the {@link Reconciler}. */
    private void forgetLater(String home, String volumeId) {
        try {
            engine.discardUnwritten(home, Names.disk(volumeId));
        } catch (ProblemException e) {
            LOGGER.log(
                    Level.WARNING,
                    "the unused disk of volume {0} is left on {1}: {2}",
                    volumeId,
                    home,
                    e.getMessage());
        }
    }

    /** If there is no disk, and so no data, it has no home either. */
    private void unsettle(String volumeId, String host) {
        try {
            if (engine.disk(host, Names.disk(volumeId)).isEmpty()) {
                ledger.change(tx ->
                        Layers.find(tx, volumeId).filter(layer -> !layer.written()).isPresent()
                                ? Layers.neverWritten(tx, volumeId)
                                : Outcome.NOT_EXPECTED);
            }
        } catch (ProblemException e) {
            // Whether there is one is known when the host is back; until then it stays its home.
            LOGGER.log(Level.WARNING, "volume {0} on {1}: {2}", volumeId, host, e.getMessage());
        }
    }

    /**
     * Takes a volume's file away, unless another attachment needs it. A host that is away is left
     * for later: nobody's deletion or evacuation may wait for it.
     *
     * @param host null for wherever it is
     * @param attachmentId the one that ends; null for none
     */
    void endUnlessNeeded(String volumeId, @Nullable String host, @Nullable String attachmentId) {
        Optional<String> home =
                ledger.read(tx -> Layers.find(tx, volumeId)).flatMap(Layer::homeHost);
        if (home.isEmpty() || (host != null && !host.equals(home.get()))) {
            return;
        }
        boolean needed =
                ledger.read(tx -> Attachments.ofVolume(tx, volumeId)).stream()
                        .filter(each -> !each.id().equals(attachmentId))
                        .anyMatch(each -> each.isConnectedOn(home.get()));
        if (needed) {
            return;
        }
        // who has lost the lease without knowing may have read what is not true any more
        boolean _ = ledger.change(_ -> true);
        try {
            engine.detach(home.get(), Names.disk(volumeId));
        } catch (ProblemException e) {
            if (e.kind() != Kind.UNAVAILABLE && e.kind() != Kind.NOT_FOUND) {
                throw VolumeFault.of(e, Detail.DETACH_ERROR);
            }
            LOGGER.log(
                    Level.WARNING,
                    "volume {0} stays offered until its host {1} is back: {2}",
                    volumeId,
                    home.get(),
                    e.getMessage());
        }
    }

    /** Limits that Nova keeps. */
    Optional<Map<String, String>> frontEndSpecs(String volumeTypeId) {
        return ledger.read(tx -> QosSpecs.ofType(tx, volumeTypeId))
                .filter(qos -> !qos.consumer().equals("back-end"))
                .map(QosSpecs::specs);
    }
}
