package io.virtman.cinder.volume;

import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.DatabaseException;
import io.virtman.bridge.database.LeaseLostException;
import io.virtman.bridge.database.Transaction;
import io.virtman.bridge.deadline.Deadline;
import io.virtman.cinder.cloud.SourceImage;
import io.virtman.cinder.database.BridgeImage;
import io.virtman.cinder.database.BridgeImage.State;
import io.virtman.cinder.database.Layer;
import io.virtman.cinder.database.Layers;
import io.virtman.cinder.database.NewVolume;
import io.virtman.cinder.database.Outcome;
import io.virtman.cinder.database.UserMessage;
import io.virtman.cinder.database.UserMessage.Action;
import io.virtman.cinder.database.UserMessage.Detail;
import io.virtman.cinder.database.Volume;
import io.virtman.cinder.database.VolumeCreation;
import io.virtman.cinder.database.VolumeSource;
import io.virtman.cinder.database.Worker;
import io.virtman.cinder.database.Workers;
import io.virtman.cinder.volume.Notices.Event;
import io.virtman.cinder.volume.VolumeSettings.ImportPolicy;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code create_volume}: rows, and no data, whatever the volume is made of. Only the copy of a
 * volume that has been written takes time, and an image where the operator wants it whole first.
 */
public final class VolumeCreate {
    private static final Logger LOGGER = System.getLogger(VolumeCreate.class.getName());
    private static final long GIBIBYTE = 1L << 30;
    private static final Set<String> UNFINISHED = Set.of("creating", "downloading");

    private final Ledger ledger;
    private final GlanceImages images;
    private final ImageWatch watch;
    private final Sources sources;
    private final Locks locks;
    private final VolumeSettings settings;

    /** What waits for another attempt, so that its beginning isn't told again. */
    private final Set<String> begun = ConcurrentHashMap.newKeySet();

    /**
     * What it is made of, to VirtMan and to Cinder.
     *
     * @param base what its layer is to lie on, held in the transaction that makes it
     */
    private record Origin(Database.Work<Sources.Base> base, VolumeSource cinder) {
        Origin(Layer.Source source, VolumeSource cinder) {
            this(tx -> Sources.hold(tx, source), cinder);
        }
    }

    public VolumeCreate(
            Ledger ledger,
            GlanceImages images,
            ImageWatch watch,
            Sources sources,
            Locks locks,
            VolumeSettings settings) {
        this.ledger = ledger;
        this.images = images;
        this.watch = watch;
        this.sources = sources;
        this.locks = locks;
        this.settings = settings;
    }

    /**
     * Makes a volume whose row is {@code creating}; does nothing for any other.
     *
     * @param imageId of Glance; null when it isn't made of an image
     * @param backupId null when it isn't made of a backup, which is refused
     */
    public void run(
            Request request, String volumeId, @Nullable String imageId, @Nullable String backupId) {
        try (Locks.Held _ = locks.hold(volumeId)) {
            Optional<NewVolume> found = ledger.read(tx -> NewVolume.find(tx, volumeId));
            if (found.isEmpty() || !UNFINISHED.contains(found.get().volume().status())) {
                begun.remove(volumeId);
                sources.forget(volumeId);
                ledger.dismiss(request);
                return;
            }
            Volume volume = found.get().volume();
            boolean deferred = false;
            try {
                create(request, found.get(), imageId, backupId);
            } catch (VolumeFault e) {
                fail(request, volume, e);
            } catch (DeferredRequestException e) {
                deferred = true;
                throw e;
            } catch (DatabaseException | LeaseLostException | InterruptedRequestException e) {
                throw e; // the request is done again
            } catch (RuntimeException e) {
                LOGGER.log(Level.ERROR, "volume " + volumeId + " can't be made", e);
                fail(
                        request,
                        volume,
                        VolumeFault.backend(e.toString(), Detail.DRIVER_FAILED_CREATE));
            } finally {
                if (!deferred) {
                    begun.remove(volumeId);
                }
            }
        }
    }

    private void create(
            Request request,
            NewVolume wanted,
            @Nullable String imageId,
            @Nullable String backupId) {
        Volume volume = wanted.volume();
        if (begun.add(volume.id())) {
            ledger.notices().volume(request.caller(), volume.id(), Event.CREATE_START);
        }
        requireOrdinary(wanted);
        if (backupId != null) {
            throw VolumeFault.backend(
                    "a volume can't be made of a backup here", Detail.DRIVER_FAILED_CREATE);
        }
        Origin origin = origin(request, volume, imageId);
        Outcome outcome =
                ledger.end(
                        request,
                        Worker.VOLUME,
                        volume.id(),
                        tx -> {
                            Sources.Base base = origin.base().in(tx);
                            base.image().ifPresent(image -> requireFit(volume, image));
                            Outcome result =
                                    base.isUsable()
                                            ? VolumeCreation.available(
                                                    tx,
                                                    ledger.service(),
                                                    volume.id(),
                                                    origin.cinder(),
                                                    "virtman:" + Names.disk(volume.id()))
                                            : Outcome.SOURCE_GONE;
                            if (result == Outcome.DONE) {
                                Layers.add(tx, volume.id(), Layer.Kind.VOLUME, base.source());
                            }
                            if (result == Outcome.SOURCE_GONE
                                    && VolumeCreation.failed(tx, volume.id()) == Outcome.DONE) {
                                tell(
                                        tx,
                                        request,
                                        volume,
                                        Action.CREATE_VOLUME_FROM_BACKEND,
                                        Detail.DRIVER_FAILED_CREATE);
                            }
                            return result;
                        });
        if (outcome != Outcome.DONE) {
            LOGGER.log(Level.WARNING, "volume {0} was not made: {1}", volume.id(), outcome);
            return;
        }
        ledger.notices().volume(request.caller(), volume.id(), Event.CREATE_END);
    }

    /** What can't be kept is refused rather than ignored. */
    private static void requireOrdinary(NewVolume wanted) {
        if (wanted.encrypted()) {
            throw VolumeFault.backend(
                    "encrypted volumes are not supported", Detail.DRIVER_FAILED_CREATE);
        }
        if (wanted.multiattach()) {
            throw VolumeFault.backend(
                    "multi-attach volumes are not supported", Detail.DRIVER_FAILED_CREATE);
        }
        if (wanted.limited()) {
            throw VolumeFault.backend(
                    "QoS is supported for the front-end only", Detail.DRIVER_FAILED_CREATE);
        }
    }

    private Origin origin(Request request, Volume volume, @Nullable String imageId) {
        String snapshotId = volume.snapshotId();
        if (snapshotId != null) {
            return new Origin(
                    tx ->
                            Sources.holdUnder(tx, snapshotId)
                                    .orElseThrow(() ->
                                            VolumeFault.backend(
                                                    "snapshot "
                                                            + snapshotId
                                                            + " is not of this backend",
                                                    Detail.DRIVER_FAILED_CREATE)),
                    new VolumeSource.FromSnapshot(snapshotId));
        }
        String sourceId = volume.sourceVolumeId();
        if (sourceId != null) {
            return new Origin(copied(volume, sourceId), new VolumeSource.FromVolume(sourceId));
        }
        if (imageId != null) {
            return ofImage(request, volume, imageId);
        }
        return new Origin(Layer.Source.EMPTY, new VolumeSource.Empty());
    }

    private Layer.Source copied(Volume volume, String sourceId) {
        Sources.Content content =
                Deadline.within(
                        Disks.PATIENCE,
                        () -> {
                            try (Locks.Held _ = locks.holdSource(sourceId)) {
                                return sources.of(sourceId, volume.id());
                            }
                        });
        if (!content.complete()) {
            claim(volume);
            watch.await(volume.id(), settings.imageLimit());
        }
        return content.source();
    }

    private Origin ofImage(Request request, Volume volume, String imageId) {
        SourceImage source = images.look(imageId, request.caller());
        if (source.minimumGigabytes() > volume.size()) {
            throw VolumeFault.image(
                    imageId,
                    "it needs " + source.minimumGigabytes() + " GiB",
                    Detail.NOT_ENOUGH_SPACE_FOR_IMAGE);
        }
        BridgeImage image = images.of(source);
        requireSize(volume, image); // before anybody imports it
        if (settings.importPolicy() == ImportPolicy.BEFORE_AVAILABLE
                && image.state() != State.READY) {
            ledger.change(tx -> VolumeCreation.downloading(tx, ledger.service(), volume.id()));
            watch.await(images.registered(image).id(), settings.imageLimit());
        } else {
            watch.register(image);
        }
        return new Origin(
                Layer.Source.image(image.id()), new VolumeSource.FromImage(source.metadata()));
    }

    /** For long work: others see that it goes on, and a successor that it was begun. */
    private void claim(Volume volume) {
        ledger.change(tx ->
                Workers.claim(tx, ledger.service(), Worker.VOLUME, volume.id(), volume.status()));
    }

    /**
     * Volumes that images are made of may have disks larger than they are; Cinder compares them.
     */
    private static void requireFit(Volume volume, BridgeImage image) {
        if (image.state() == State.FAILED) {
            throw VolumeFault.image(
                    image.glanceId().orElse(image.id()),
                    image.failure().orElse("it failed"),
                    Detail.UNKNOWN_ERROR);
        }
        if (image.glanceId().isPresent()) {
            requireSize(volume, image);
        }
    }

    private static void requireSize(Volume volume, BridgeImage image) {
        long needed = image.bytes().orElse(0L);
        if (needed > volume.size() * GIBIBYTE) {
            throw VolumeFault.image(
                    image.glanceId().orElse(image.id()),
                    "its disk needs " + GlanceImages.gibibytes(needed) + " GiB",
                    Detail.NOT_ENOUGH_SPACE_FOR_IMAGE);
        }
    }

    private void fail(Request request, Volume volume, VolumeFault fault) {
        LOGGER.log(
                Level.WARNING,
                "volume {0} {1} can''t be made: {2}",
                volume.id(),
                request.caller(),
                fault.getMessage());
        boolean image = fault.type().equals("ImageUnacceptable");
        ledger.end(
                request,
                Worker.VOLUME,
                volume.id(),
                tx -> {
                    Outcome outcome = VolumeCreation.failed(tx, volume.id());
                    if (outcome == Outcome.DONE) {
                        Action action =
                                image
                                        ? Action.COPY_IMAGE_TO_VOLUME
                                        : Action.CREATE_VOLUME_FROM_BACKEND;
                        tell(tx, request, volume, action, fault.detail());
                    }
                    return outcome;
                });
    }

    private static void tell(
            Transaction tx, Request request, Volume volume, Action action, Detail detail) {
        new UserMessage(
                        volume.projectId(),
                        request.caller().requestId(),
                        false,
                        volume.id(),
                        action,
                        detail)
                .write(tx);
    }
}
