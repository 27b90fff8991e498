package io.virtman.cinder.volume;

import io.virtman.bridge.database.Transaction;
import io.virtman.cinder.database.Attachment;
import io.virtman.cinder.database.Attachments;
import io.virtman.cinder.database.BridgeImage;
import io.virtman.cinder.database.BridgeImages;
import io.virtman.cinder.database.Layer;
import io.virtman.cinder.database.Layers;
import io.virtman.cinder.database.UserMessage.Detail;
import io.virtman.cinder.engine.Engine;
import io.virtman.cinder.engine.EngineDisk;
import io.virtman.cinder.engine.EngineImage;
import io.virtman.problem.ProblemException;
import java.util.Optional;

/**
 * The content of a volume as something others can be made of. That of one which has never been
 * written is its own source; any other becomes an image, whose origin is the volume's host.
 */
public final class Sources {
    private final Ledger ledger;
    private final Engine engine;
    private final Disks disks;

    private final Unanswered unanswered = new Unanswered();

    public Sources(Ledger ledger, Engine engine, Disks disks) {
        this.ledger = ledger;
        this.engine = engine;
        this.disks = disks;
    }

    /**
     * What a volume's content is.
     *
     * @param source what to make others of
     * @param complete whether that can be used at once; else it is an image that is being made
     */
    record Content(Layer.Source source, boolean complete) {}

    /**
     * The present content of a volume. To be called with its lock held.
     *
     * @param imageId of the image to be made, if need be
     * @throws VolumeFault when the volume is in use, or its host never answers
     * @throws DeferredRequestException when its host doesn't answer now
     */
    Content of(String volumeId, String imageId) {
        Layer layer =
                ledger.read(tx -> Layers.find(tx, volumeId))
                        .orElseThrow(() ->
                                VolumeFault.volume(volumeId + " is not a volume of this backend"));
        if (isBegun(imageId)) {
            return new Content(Layer.Source.image(imageId), false); // before a restart
        }
        boolean attached =
                ledger.read(tx -> Attachments.ofVolume(tx, volumeId)).stream()
                        .anyMatch(Attachment::isConnected);
        if (attached) {
            throw VolumeFault.volume(
                    volumeId + " is attached; its content can be copied once it is detached");
        }
        Optional<EngineDisk> disk = written(layer, imageId);
        if (disk.isEmpty()) {
            unanswered.answered(imageId);
            return new Content(layer.source(), true);
        }
        return new Content(image(layer, disk.get(), imageId), false);
    }

    private Optional<EngineDisk> written(Layer layer, String imageId) {
        try {
            return disks.written(layer);
        } catch (VolumeFault e) {
            if (e.getCause() instanceof ProblemException problem
                    && unanswered.again(imageId, problem)) {
                throw new DeferredRequestException(e.getMessage());
            }
            throw e;
        }
    }

    /** Nobody will ask for this image any more. */
    void forget(String imageId) {
        unanswered.answered(imageId);
    }

    private boolean isBegun(String imageId) {
        Optional<BridgeImage> image = ledger.read(tx -> BridgeImages.find(tx, imageId));
        if (image.isEmpty() || image.get().voltId().isPresent()) {
            return image.isPresent();
        }
        Optional<EngineImage> made;
        try {
            made = engine.image(Names.madeImage(imageId));
        } catch (ProblemException e) {
            throw given(imageId, e);
        }
        made.ifPresent(_ -> unanswered.answered(imageId));
        made.ifPresent(found ->
                ledger.change(tx ->
                        BridgeImages.registered(
                                tx, imageId, found.id(), found.origin(), found.bytes())));
        return made.isPresent();
    }

    private Layer.Source image(Layer layer, EngineDisk disk, String imageId) {
        String home = layer.homeHost().orElseThrow();
        ledger.change(tx -> BridgeImages.add(tx, imageId, null, disk.bytes()));
        try {
            if (disk.offered()) {
                engine.detach(home, disk.name()); // left over: nobody has it attached
            }
            EngineImage made = engine.snapshot(home, disk.name(), Names.madeImage(imageId));
            ledger.change(tx ->
                    BridgeImages.registered(tx, imageId, made.id(), made.origin(), disk.bytes()));
            unanswered.answered(imageId);
            return Layer.Source.image(imageId);
        } catch (ProblemException e) {
            throw given(imageId, e);
        }
    }

    /**
     * A call that wasn't answered may have been heeded: it is repeated, and finds the image by its
     * name. Any other failure is final, and so is the last of many.
     */
    private RuntimeException given(String imageId, ProblemException problem) {
        if (unanswered.again(imageId, problem)) {
            return new DeferredRequestException(problem.getMessage());
        }
        ledger.change(tx -> BridgeImages.failed(tx, imageId, problem.getMessage()));
        return VolumeFault.of(problem, Detail.SNAPSHOT_CREATE_ERROR);
    }

    /**
     * What a layer is to lie on. It stays until the end of the transaction.
     *
     * @param source as the layer is to name it
     * @param image it, failed or not; empty when it is gone, or nothing
     */
    record Base(Layer.Source source, Optional<BridgeImage> image) {
        /** Whether a layer can lie on it. */
        boolean isUsable() {
            return source.id().isEmpty()
                    || image.filter(found -> found.state() != BridgeImage.State.FAILED).isPresent();
        }
    }

    /** Keeps what a layer is to lie on. */
    static Base hold(Transaction transaction, Layer.Source source) {
        return new Base(source, source.id().flatMap(id -> BridgeImages.hold(transaction, id)));
    }

    /** The same of what a snapshot's layer lies on; empty when that is none of ours. */
    static Optional<Base> holdUnder(Transaction transaction, String snapshotId) {
        Optional<BridgeImage> image = BridgeImages.holdUnder(transaction, snapshotId);
        return image.isPresent()
                ? Optional.of(new Base(Layer.Source.image(image.get().id()), image))
                : Layers.find(transaction, snapshotId)
                        .map(layer -> new Base(layer.source(), Optional.empty()));
    }
}
