package io.virtman.cinder.volume;

import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.DatabaseException;
import io.virtman.bridge.database.LeaseLostException;
import io.virtman.bridge.deadline.Deadline;
import io.virtman.cinder.database.Layer;
import io.virtman.cinder.database.Layers;
import io.virtman.cinder.database.Outcome;
import io.virtman.cinder.database.Snapshot;
import io.virtman.cinder.database.Snapshots;
import io.virtman.cinder.database.VolumeDeletion;
import io.virtman.cinder.database.VolumeDeletion.Permission;
import io.virtman.cinder.database.Worker;
import io.virtman.cinder.database.Workers;
import io.virtman.cinder.engine.Engine;
import io.virtman.cinder.volume.Notices.Event;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;

/**
 * {@code delete_volume}: the disk goes, then the rows and the quota. A disk on a host that is away
 * goes when the host is back ({@link Reconciler}); nobody has to wait for that.
 */
public final class VolumeDelete {
    private static final Logger LOGGER = System.getLogger(VolumeDelete.class.getName());

    private final Ledger ledger;
    private final Engine engine;
    private final Locks locks;
    private final boolean snapshotsCountGigabytes;

    /**
     * @param snapshotsCountGigabytes whether snapshots count in the quota of gigabytes (Cinder's
     *     {@code no_snapshot_gb_quota} is false)
     */
    public VolumeDelete(
            Ledger ledger, Engine engine, Locks locks, boolean snapshotsCountGigabytes) {
        this.ledger = ledger;
        this.engine = engine;
        this.locks = locks;
        this.snapshotsCountGigabytes = snapshotsCountGigabytes;
    }

    /**
     * Deletes a volume.
     *
     * @param cascade whether its snapshots go with it
     * @param unmanageOnly to keep the data, which is refused: nobody else could read it
     */
    public void run(Request request, String volumeId, boolean cascade, boolean unmanageOnly) {
        try (Locks.Held _ = locks.hold(volumeId)) {
            Permission permission =
                    ledger.read(tx -> VolumeDeletion.permission(tx, volumeId, ledger.backend()));
            if (permission != Permission.GRANTED) {
                if (permission != Permission.GONE) {
                    LOGGER.log(Level.WARNING, "volume {0} stays: {1}", volumeId, permission);
                }
                ledger.dismiss(request);
                return;
            }
            List<Snapshot> snapshots = ledger.read(tx -> Snapshots.ofVolume(tx, volumeId));
            if (unmanageOnly || (!snapshots.isEmpty() && !cascade)) {
                end(request, volumeId, tx -> VolumeDeletion.refused(tx, volumeId));
                return;
            }
            delete(request, volumeId, snapshots);
        }
    }

    private void delete(Request request, String volumeId, List<Snapshot> snapshots) {
        ledger.notices().volume(request.caller(), volumeId, Event.DELETE_START);
        try {
            ledger.read(tx -> Layers.find(tx, volumeId))
                    .flatMap(Layer::homeHost)
                    .ifPresent(home -> discard(home, volumeId));
        } catch (DatabaseException | LeaseLostException e) {
            throw e;
        } catch (RuntimeException e) {
            LOGGER.log(Level.WARNING, "volume {0} can''t be deleted: {1}", volumeId, e);
            end(request, volumeId, tx -> VolumeDeletion.failed(tx, volumeId));
            return;
        }
        tell(request, snapshots, Event.DELETE_START);
        Outcome outcome =
                end(
                        request,
                        volumeId,
                        tx -> {
                            for (Snapshot snapshot : snapshots) {
                                Layers.remove(tx, snapshot.id());
                                Workers.end(tx, Worker.SNAPSHOT, snapshot.id());
                                Snapshots.destroy(tx, snapshot.id(), snapshotsCountGigabytes);
                            }
                            Layers.remove(tx, volumeId);
                            return VolumeDeletion.destroy(tx, volumeId);
                        });
        if (outcome == Outcome.DONE) {
            tell(request, snapshots, Event.DELETE_END);
            ledger.notices().volume(request.caller(), volumeId, Event.DELETE_END);
        }
    }

    private void tell(Request request, List<Snapshot> snapshots, Event event) {
        snapshots.forEach(each -> ledger.notices().snapshot(request.caller(), each.id(), event));
    }

    private void discard(String home, String volumeId) {
        try {
            Deadline.within(
                    Disks.PATIENCE,
                    () -> {
                        engine.discard(home, Names.disk(volumeId));
                        return true;
                    });
        } catch (ProblemException e) {
            if (e.kind() != Kind.UNAVAILABLE && e.kind() != Kind.NOT_FOUND) {
                throw e;
            }
            LOGGER.log(
                    Level.WARNING,
                    "the disk of volume {0} is left until its host {1} is back: {2}",
                    volumeId,
                    home,
                    e.getMessage());
        }
    }

    private Outcome end(Request request, String volumeId, Database.Work<Outcome> work) {
        return ledger.end(request, Worker.VOLUME, volumeId, work);
    }
}
