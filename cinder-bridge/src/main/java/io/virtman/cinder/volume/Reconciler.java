package io.virtman.cinder.volume;

import io.virtman.bridge.database.DatabaseException;
import io.virtman.cinder.database.Attachments;
import io.virtman.cinder.database.Layer;
import io.virtman.cinder.database.Layers;
import io.virtman.cinder.database.Volume;
import io.virtman.cinder.database.Volumes;
import io.virtman.cinder.engine.Engine;
import io.virtman.cinder.engine.EngineDisk;
import io.virtman.cinder.engine.EngineHost;
import io.virtman.problem.ProblemException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Takes from hosts what was left there, as by a deletion while the host was away: disks of volumes
 * that are known to be deleted, and files of volumes that are available. A disk of which Cinder
 * knows nothing is only reported: it may be the wrong database.
 */
public final class Reconciler {
    private static final Logger LOGGER = System.getLogger(Reconciler.class.getName());

    private final Ledger ledger;
    private final Engine engine;
    private final Locks locks;

    /** {@code host/disk} of files that nobody needed in the last round. */
    private Set<String> idle = new HashSet<>();

    private final Set<String> reported = new HashSet<>();

    public Reconciler(Ledger ledger, Engine engine, Locks locks) {
        this.ledger = ledger;
        this.engine = engine;
        this.locks = locks;
    }

    /** One round over all nodes that are up. One caller at a time. */
    public void round() {
        Set<String> found = new HashSet<>();
        for (EngineHost host : engine.hosts()) {
            if (host.alive()) {
                try {
                    for (EngineDisk disk : engine.disks(host.name())) {
                        Names.volumeOf(disk.name())
                                .ifPresent(id -> look(host.name(), disk, id, found));
                    }
                } catch (ProblemException e) {
                    LOGGER.log(Level.WARNING, "node {0}: {1}", host.name(), e.getMessage());
                }
            }
        }
        idle = found;
    }

    private void look(String host, EngineDisk seen, String volumeId, Set<String> found) {
        try (Locks.Held _ = locks.hold(volumeId)) {
            Optional<EngineDisk> disk = engine.disk(host, seen.name()); // now, with the lock
            if (disk.isPresent()) {
                settle(host, disk.get(), volumeId, found);
            }
        } catch (ProblemException | VolumeFault | DatabaseException e) {
            LOGGER.log(Level.WARNING, "disk {0} on {1}: {2}", seen.name(), host, e.getMessage());
        }
    }

    private void settle(String host, EngineDisk disk, String volumeId, Set<String> found) {
        Optional<Volume> volume = ledger.read(tx -> Volumes.find(tx, volumeId));
        if (volume.isEmpty()) {
            deleted(host, disk, volumeId);
            return;
        }
        if (!volume.get().isOn(ledger.backend())) {
            return; // another bridge's, which has its own locks
        }
        Optional<Layer> layer = ledger.read(tx -> Layers.find(tx, volumeId));
        boolean atHome = layer.flatMap(Layer::homeHost).filter(host::equals).isPresent();
        if (disk.destroying()) {
            going(host, disk, atHome && layer.filter(Layer::written).isPresent());
            return;
        }
        if (!atHome) {
            strayed(host, disk, volumeId, found);
            return;
        }
        boolean needed =
                !volume.get().status().equals("available")
                        || !ledger.read(tx -> Attachments.ofVolume(tx, volumeId)).isEmpty();
        if (disk.offered() && !needed && isIdleAgain(host, disk, found)) {
            LOGGER.log(Level.INFO, "disk {0} on {1} is offered to nobody", disk.name(), host);
            requireLease();
            engine.detach(host, disk.name());
        }
    }

    /** Its destruction goes on, unless a volume should have the data that were on it. */
    private void going(String host, EngineDisk disk, boolean missed) {
        if (missed) {
            report(host, disk, "is half destroyed; delete its volume again");
        } else {
            requireLease();
            engine.discardUnwritten(host, disk.name());
        }
    }

    /** While one is offered nobody knows whether it has been written; the next round does. */
    private void strayed(String host, EngineDisk disk, String volumeId, Set<String> found) {
        if (disk.offered()) {
            boolean needed =
                    ledger.read(tx -> Attachments.ofVolume(tx, volumeId)).stream()
                            .anyMatch(each -> each.isConnectedOn(host));
            if (!needed && isIdleAgain(host, disk, found)) {
                requireLease();
                engine.detach(host, disk.name());
            }
        } else if (disk.written()) {
            report(host, disk, "is not at home there, and has been written");
        } else {
            engine.discardUnwritten(host, disk.name());
        }
    }

    /** Who has lost the lease without knowing may have read what is not true any more. */
    private void requireLease() {
        boolean _ = ledger.change(_ -> true);
    }

    /** The first time it is left until the next round: somebody may be about to open it. */
    private boolean isIdleAgain(String host, EngineDisk disk, Set<String> found) {
        String name = host + "/" + disk.name();
        found.add(name);
        return idle.contains(name);
    }

    private void deleted(String host, EngineDisk disk, String volumeId) {
        if (ledger.read(tx -> Volumes.isDeleted(tx, volumeId))) {
            LOGGER.log(Level.INFO, "disk {0} on {1} was left over", disk.name(), host);
            requireLease();
            engine.discard(host, disk.name());
        } else {
            report(host, disk, "is of a volume that Cinder has never heard of");
        }
    }

    private void report(String host, EngineDisk disk, String what) {
        if (reported.add(host + "/" + disk.name())) {
            LOGGER.log(Level.WARNING, "disk {0} on {1} {2}", disk.name(), host, what);
        }
    }
}
