package io.virtman.cinder.rpc;

import io.virtman.cinder.database.Outcome;
import io.virtman.cinder.database.Snapshots;
import io.virtman.cinder.database.VolumeCreation;
import io.virtman.cinder.database.VolumeDeletion;
import io.virtman.cinder.database.VolumeExtension;
import io.virtman.cinder.volume.Caller;
import io.virtman.cinder.volume.Ledger;
import io.virtman.cinder.volume.Request;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Carries out casts. */
final class Orders {
    /** What is done. */
    static final Set<String> DONE =
            Set.of(
                    "create_volume",
                    "delete_volume",
                    "create_snapshot",
                    "delete_snapshot",
                    "extend_volume");

    /** What is refused, so that its resource can be used again. */
    static final Set<String> REFUSED =
            Set.of(
                    "retype",
                    "migrate_volume",
                    "copy_volume_to_image",
                    "reimage",
                    "revert_to_snapshot",
                    "get_backup_device",
                    "manage_existing",
                    "manage_existing_snapshot");

    private final Flows flows;

    Orders(Flows flows) {
        this.flows = flows;
    }

    /** Does it; on return it is done, with whatever end. */
    void carryOut(@Nullable String uniqueId, Order order, @Nullable String token) {
        Request request =
                new Request(uniqueId, new Caller(order.projectId(), order.requestId(), token));
        switch (order.method()) {
            case "create_volume" ->
                    flows.create().run(request, volume(order), order.imageId(), order.backupId());
            case "delete_volume" ->
                    flows.delete()
                            .run(request, volume(order), order.cascade(), order.unmanageOnly());
            case "extend_volume" ->
                    flows.extend()
                            .run(request, volume(order), order.newSize(), order.reservationList());
            case "create_snapshot" -> flows.createSnapshot().run(request, snapshot(order));
            case "delete_snapshot" ->
                    flows.deleteSnapshot().run(request, snapshot(order), order.unmanageOnly());
            default -> flows.refusal().run(request, order);
        }
    }

    /** Ends a request that can't be carried out, so that nobody waits for it. */
    void abandon(Ledger ledger, @Nullable String uniqueId, Order order) {
        String volume = Objects.requireNonNullElse(order.volumeId(), "");
        String snapshot = Objects.requireNonNullElse(order.snapshotId(), "");
        Outcome _ =
                ledger.complete(
                        new Request(uniqueId, Caller.NOBODY),
                        tx ->
                                switch (order.method()) {
                                    case "create_volume" -> VolumeCreation.failed(tx, volume);
                                    case "delete_volume" -> VolumeDeletion.failed(tx, volume);
                                    case "extend_volume" ->
                                            VolumeExtension.failed(
                                                    tx, volume, order.reservationList());
                                    case "create_snapshot" ->
                                            Snapshots.creationFailed(tx, snapshot);
                                    case "delete_snapshot" ->
                                            Snapshots.deletionFailed(tx, snapshot);
                                    default -> Outcome.NOT_EXPECTED;
                                });
    }

    private static String volume(Order order) {
        return Objects.requireNonNull(order.volumeId(), "volume");
    }

    private static String snapshot(Order order) {
        return Objects.requireNonNull(order.snapshotId(), "snapshot");
    }
}
