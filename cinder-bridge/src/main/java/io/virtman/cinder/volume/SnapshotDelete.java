package io.virtman.cinder.volume;

import io.virtman.cinder.database.Layers;
import io.virtman.cinder.database.Outcome;
import io.virtman.cinder.database.Snapshots;
import io.virtman.cinder.database.Worker;
import io.virtman.cinder.database.Workers;
import io.virtman.cinder.volume.Notices.Event;

/**
 * {@code delete_snapshot}: rows. What volumes made of it lie on is an image, which stays for as
 * long as any needs it, so a snapshot is never busy.
 */
public final class SnapshotDelete {
    private final Ledger ledger;
    private final Locks locks;
    private final boolean countGigabytes;

    /**
     * @param countGigabytes whether snapshots count in the quota of gigabytes
     */
    public SnapshotDelete(Ledger ledger, Locks locks, boolean countGigabytes) {
        this.ledger = ledger;
        this.locks = locks;
        this.countGigabytes = countGigabytes;
    }

    /**
     * Deletes a snapshot.
     *
     * @param unmanageOnly to keep the data, which is refused
     */
    public void run(Request request, String snapshotId, boolean unmanageOnly) {
        try (Locks.Held _ = locks.hold(snapshotId)) {
            if (!unmanageOnly) {
                ledger.notices().snapshot(request.caller(), snapshotId, Event.DELETE_START);
            }
            Outcome outcome =
                    ledger.complete(
                            request,
                            tx -> {
                                if (unmanageOnly) {
                                    return Snapshots.deletionRefused(tx, snapshotId);
                                }
                                Layers.remove(tx, snapshotId);
                                // of its creation, if it was given up meanwhile
                                Workers.end(tx, Worker.SNAPSHOT, snapshotId);
                                return Snapshots.destroy(tx, snapshotId, countGigabytes);
                            });
            if (!unmanageOnly && outcome == Outcome.DONE) {
                ledger.notices().snapshot(request.caller(), snapshotId, Event.DELETE_END);
            }
        }
    }
}
