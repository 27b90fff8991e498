package io.virtman.cinder.volume;

import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.DatabaseException;
import io.virtman.bridge.database.LeaseLostException;
import io.virtman.bridge.database.Transaction;
import io.virtman.bridge.deadline.Deadline;
import io.virtman.cinder.database.Attachment;
import io.virtman.cinder.database.Attachments;
import io.virtman.cinder.database.Layer;
import io.virtman.cinder.database.Layers;
import io.virtman.cinder.database.Outcome;
import io.virtman.cinder.database.UserMessage;
import io.virtman.cinder.database.UserMessage.Action;
import io.virtman.cinder.database.UserMessage.Detail;
import io.virtman.cinder.database.Volume;
import io.virtman.cinder.database.VolumeExtension;
import io.virtman.cinder.database.Volumes;
import io.virtman.cinder.engine.Engine;
import io.virtman.cinder.engine.EngineDisk;
import io.virtman.cinder.volume.Notices.Event;
import io.virtman.problem.ProblemException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** {@code extend_volume} of a volume that isn't attached. */
public final class VolumeExtend {
    private static final Logger LOGGER = System.getLogger(VolumeExtend.class.getName());
    private static final long GIBIBYTE = 1L << 30;

    private final Ledger ledger;
    private final Engine engine;
    private final Locks locks;
    private final Unanswered unanswered = new Unanswered();

    /** What waits for another attempt, so that its beginning isn't told again. */
    private final Set<String> begun = ConcurrentHashMap.newKeySet();

    public VolumeExtend(Ledger ledger, Engine engine, Locks locks) {
        this.ledger = ledger;
        this.engine = engine;
        this.locks = locks;
    }

    /**
     * Extends a volume whose row is {@code extending}. A host that doesn't answer is asked again
     * later: it may have done it, and the disk's size tells.
     *
     * @param newSize in GiB
     * @param reservations of the difference in the quota
     */
    public void run(Request request, String volumeId, int newSize, List<String> reservations) {
        try (Locks.Held _ = locks.hold(volumeId)) {
            Optional<Volume> volume = ledger.read(tx -> Volumes.find(tx, volumeId));
            if (volume.isEmpty()) {
                // the reservations are all there is left to settle
                end(request, volumeId, tx -> VolumeExtension.refused(tx, volumeId, reservations));
                return;
            }
            boolean attached =
                    ledger.read(tx -> Attachments.ofVolume(tx, volumeId)).stream()
                            .anyMatch(Attachment::isConnected);
            if (attached
                    || !volume.get().status().equals("extending")
                    || newSize <= volume.get().size()
                    || !volume.get().isOn(ledger.backend())) {
                end(
                        request,
                        volumeId,
                        tx ->
                                tell(
                                        tx,
                                        request,
                                        volume.get(),
                                        VolumeExtension.refused(tx, volumeId, reservations)));
                return;
            }
            if (begun.add(volumeId)) {
                ledger.notices().volume(request.caller(), volumeId, Event.RESIZE_START);
            }
            try {
                Deadline.within(
                        Disks.PATIENCE,
                        () -> {
                            extend(volumeId, newSize * GIBIBYTE);
                            return true;
                        });
            } catch (DeferredRequestException
                    | DatabaseException
                    | LeaseLostException
                    | InterruptedRequestException e) {
                throw e; // the request is done again
            } catch (RuntimeException e) {
                LOGGER.log(Level.WARNING, "volume {0} can''t be extended: {1}", volumeId, e);
                end(
                        request,
                        volumeId,
                        tx ->
                                tell(
                                        tx,
                                        request,
                                        volume.get(),
                                        VolumeExtension.failed(tx, volumeId, reservations)));
                return;
            }
            Outcome outcome =
                    end(
                            request,
                            volumeId,
                            tx -> VolumeExtension.done(tx, volumeId, newSize, reservations));
            if (outcome == Outcome.DONE) {
                ledger.notices().volume(request.caller(), volumeId, Event.RESIZE_END);
            }
        }
    }

    private void extend(String volumeId, long bytes) {
        Optional<Layer> layer = ledger.read(tx -> Layers.find(tx, volumeId));
        Optional<String> home = layer.flatMap(Layer::homeHost);
        if (home.isEmpty()) {
            return; // there is no disk yet
        }
        try {
            extend(volumeId, layer.get(), home.get(), bytes);
        } catch (ProblemException e) {
            throw unanswered.again(volumeId, e) ? new DeferredRequestException(e.getMessage()) : e;
        }
    }

    private void extend(String volumeId, Layer layer, String home, long bytes) {
        Optional<EngineDisk> disk = engine.disk(home, Names.disk(volumeId));
        if (disk.isEmpty() && layer.written()) {
            throw VolumeFault.backend(
                    "its disk is missing on its host " + home, Detail.DRIVER_FAILED_EXTEND);
        }
        if (disk.isEmpty()) {
            return;
        }
        if (disk.get().destroying()) {
            throw VolumeFault.backend(
                    "its disk is half destroyed on its host " + home, Detail.DRIVER_FAILED_EXTEND);
        }
        if (disk.get().offered()) {
            engine.detach(home, disk.get().name()); // left over: nobody is attached
        }
        if (disk.get().bytes() < bytes) { // else it was done, and the answer was lost
            engine.extend(home, disk.get().name(), bytes);
        }
    }

    private Outcome end(Request request, String volumeId, Database.Work<Outcome> work) {
        Outcome outcome = ledger.complete(request, work);
        begun.remove(volumeId);
        unanswered.answered(volumeId);
        LOGGER.log(Level.DEBUG, "extension {0}: {1}", request.caller(), outcome);
        return outcome;
    }

    /** Its owner can read that it was not done, unless nothing was to be done. */
    private static Outcome tell(Transaction tx, Request request, Volume volume, Outcome outcome) {
        if (outcome == Outcome.DONE) {
            new UserMessage(
                            volume.projectId(),
                            request.caller().requestId(),
                            false,
                            volume.id(),
                            Action.EXTEND_VOLUME,
                            Detail.DRIVER_FAILED_EXTEND)
                    .write(tx);
        }
        return outcome;
    }
}
