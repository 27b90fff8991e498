package io.virtman.cinder.volume;

import io.virtman.bridge.database.DatabaseException;
import io.virtman.bridge.database.LeaseLostException;
import io.virtman.bridge.database.Transaction;
import io.virtman.bridge.deadline.Deadline;
import io.virtman.cinder.database.Layer;
import io.virtman.cinder.database.Layers;
import io.virtman.cinder.database.Outcome;
import io.virtman.cinder.database.Snapshot;
import io.virtman.cinder.database.Snapshots;
import io.virtman.cinder.database.UserMessage;
import io.virtman.cinder.database.UserMessage.Action;
import io.virtman.cinder.database.UserMessage.Detail;
import io.virtman.cinder.database.Worker;
import io.virtman.cinder.database.Workers;
import io.virtman.cinder.volume.Notices.Event;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * {@code create_snapshot}: a row for a volume that has never been written, else an image of its
 * content. Of a volume that is attached there is none yet.
 */
public final class SnapshotCreate {
    private static final Logger LOGGER = System.getLogger(SnapshotCreate.class.getName());
    private static final String CREATING = "creating";

    private final Ledger ledger;
    private final Sources sources;
    private final ImageWatch watch;
    private final Locks locks;
    private final VolumeSettings settings;

    /** What waits for another attempt, so that its beginning isn't told again. */
    private final Set<String> begun = ConcurrentHashMap.newKeySet();

    public SnapshotCreate(
            Ledger ledger,
            Sources sources,
            ImageWatch watch,
            Locks locks,
            VolumeSettings settings) {
        this.ledger = ledger;
        this.sources = sources;
        this.watch = watch;
        this.locks = locks;
        this.settings = settings;
    }

    /** Makes a snapshot whose row is {@code creating}; does nothing for any other. */
    public void run(Request request, String snapshotId) {
        try (Locks.Held _ = locks.hold(snapshotId)) {
            Optional<Snapshot> snapshot = ledger.read(tx -> Snapshots.find(tx, snapshotId));
            if (snapshot.isEmpty() || !snapshot.get().status().equals(CREATING)) {
                begun.remove(snapshotId);
                sources.forget(snapshotId);
                ledger.dismiss(request);
                return;
            }
            boolean deferred = false;
            try {
                create(request, snapshot.get());
            } catch (VolumeFault e) {
                fail(request, snapshot.get(), e);
            } catch (DeferredRequestException e) {
                deferred = true;
                throw e;
            } catch (DatabaseException | LeaseLostException | InterruptedRequestException e) {
                throw e; // the request is done again
            } catch (RuntimeException e) {
                LOGGER.log(Level.ERROR, "snapshot " + snapshotId + " can't be made", e);
                fail(
                        request,
                        snapshot.get(),
                        VolumeFault.backend(e.toString(), Detail.SNAPSHOT_CREATE_ERROR));
            } finally {
                if (!deferred) {
                    begun.remove(snapshotId);
                }
            }
        }
    }

    private void create(Request request, Snapshot snapshot) {
        if (begun.add(snapshot.id())) {
            ledger.notices().snapshot(request.caller(), snapshot.id(), Event.CREATE_START);
        }
        Sources.Content content;
        try (Locks.Held _ = locks.holdSource(snapshot.volumeId())) {
            content =
                    Deadline.within(
                            Disks.PATIENCE, () -> sources.of(snapshot.volumeId(), snapshot.id()));
            if (content.complete()) {
                // with the volume's lock, so that nobody writes into it meanwhile
                finish(request, snapshot, content.source());
                return;
            }
        }
        ledger.change(tx ->
                Workers.claim(tx, ledger.service(), Worker.SNAPSHOT, snapshot.id(), CREATING));
        watch.await(snapshot.id(), settings.imageLimit());
        finish(request, snapshot, content.source());
    }

    private void finish(Request request, Snapshot snapshot, Layer.Source source) {
        Outcome outcome =
                ledger.end(
                        request,
                        Worker.SNAPSHOT,
                        snapshot.id(),
                        tx -> {
                            Outcome result =
                                    Sources.hold(tx, source).isUsable()
                                            ? Snapshots.available(
                                                    tx, snapshot.id(), "virtman:" + snapshot.id())
                                            : Outcome.SOURCE_GONE;
                            if (result == Outcome.DONE) {
                                Layers.add(tx, snapshot.id(), Layer.Kind.SNAPSHOT, source);
                            }
                            if (result == Outcome.SOURCE_GONE
                                    && Snapshots.creationFailed(tx, snapshot.id())
                                            == Outcome.DONE) {
                                tell(tx, request, snapshot);
                            }
                            return result;
                        });
        if (outcome != Outcome.DONE) {
            LOGGER.log(Level.WARNING, "snapshot {0} was not made: {1}", snapshot.id(), outcome);
            return;
        }
        ledger.notices().snapshot(request.caller(), snapshot.id(), Event.CREATE_END);
    }

    private void fail(Request request, Snapshot snapshot, VolumeFault fault) {
        LOGGER.log(
                Level.WARNING,
                "snapshot {0} {1} can''t be made: {2}",
                snapshot.id(),
                request.caller(),
                fault.getMessage());
        ledger.end(
                request,
                Worker.SNAPSHOT,
                snapshot.id(),
                tx -> {
                    Outcome outcome = Snapshots.creationFailed(tx, snapshot.id());
                    if (outcome == Outcome.DONE) {
                        tell(tx, request, snapshot);
                    }
                    return outcome;
                });
    }

    private static void tell(Transaction tx, Request request, Snapshot snapshot) {
        new UserMessage(
                        snapshot.projectId(),
                        request.caller().requestId(),
                        true,
                        snapshot.id(),
                        Action.SNAPSHOT_CREATE,
                        Detail.SNAPSHOT_CREATE_ERROR)
                .write(tx);
    }
}
