package io.virtman.cinder.service;

import io.virtman.bridge.database.Transaction;
import io.virtman.cinder.database.Refusals;
import io.virtman.cinder.database.RequestJournal;
import io.virtman.cinder.database.Snapshots;
import io.virtman.cinder.database.Volume;
import io.virtman.cinder.database.VolumeCreation;
import io.virtman.cinder.database.VolumeDeletion;
import io.virtman.cinder.database.Volumes;
import io.virtman.cinder.database.Worker;
import io.virtman.cinder.database.Workers;
import io.virtman.cinder.volume.Ledger;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;

/**
 * What a former run had begun. Its requests are in the journal and are simply done again; what
 * isn't there any more is ended as Cinder ends it ({@code volume/manager.py:_do_cleanup}).
 */
final class Recovery {
    private static final Logger LOGGER = System.getLogger(Recovery.class.getName());
    private static final int MAXIMUM = 20_000;

    private final Ledger ledger;

    Recovery(Ledger ledger) {
        this.ledger = ledger;
    }

    void run() {
        List<RequestJournal.Request> pending =
                ledger.read(tx -> ledger.journal().pending(tx, null, MAXIMUM));
        for (Worker worker : ledger.read(tx -> Workers.unfinished(tx, ledger.backend()))) {
            boolean resumes =
                    pending.stream()
                            .anyMatch(request -> request.payload().contains(worker.resourceId()));
            if (!resumes) {
                ledger.change(tx -> end(tx, worker));
            }
        }
    }

    private boolean end(Transaction tx, Worker worker) {
        Optional<Worker> claimed = Workers.claimForCleanup(tx, ledger.service(), worker);
        if (claimed.isEmpty()) {
            return false;
        }
        LOGGER.log(
                Level.WARNING,
                "{0} {1} was {2} when the service ended",
                worker.resourceType(),
                worker.resourceId(),
                worker.status());
        if (worker.resourceType().equals(Worker.SNAPSHOT)) {
            Snapshots.creationFailed(tx, worker.resourceId());
        } else {
            Volumes.find(tx, worker.resourceId()).ifPresent(volume -> end(tx, volume));
        }
        return Workers.finish(tx, claimed.get());
    }

    private static void end(Transaction tx, Volume volume) {
        switch (volume.status()) {
            case "creating", "downloading" -> VolumeCreation.failed(tx, volume.id());
            case "deleting" -> VolumeDeletion.failed(tx, volume.id());
            case "uploading" -> Refusals.upload(tx, volume.id());
            default -> {}
        }
    }
}
