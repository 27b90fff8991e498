package io.virtman.cinder.database;

import io.virtman.bridge.database.Transaction;
import io.virtman.cinder.database.VolumeSource.Empty;
import io.virtman.cinder.database.VolumeSource.FromImage;
import io.virtman.cinder.database.VolumeSource.FromSnapshot;
import io.virtman.cinder.database.VolumeSource.FromVolume;
import java.util.Optional;

/**
 * How {@code create_volume} ends. Cinder's manager writes its outcome whatever the row says; here
 * it must still be being created, so that a volume that was deleted, or whose status was reset,
 * stays as it is.
 */
public final class VolumeCreation {
    private VolumeCreation() {}

    /**
     * Says that an image is being copied: nova waits on. {@code
     * volume/flows/manager/create_volume.py:_create_from_image}; the worker's row must follow, or
     * recovery takes the volume for another work's ({@code objects/volume.py:save}).
     */
    public static Outcome downloading(Transaction transaction, ServiceRow service, String id) {
        int rows =
                transaction.update(
                        "UPDATE volumes SET status = 'downloading', updated_at = ?"
                                + " WHERE id = ? AND deleted = 0 AND status = 'creating'",
                        transaction.now(),
                        id);
        if (rows == 1) {
            Workers.claim(transaction, service, Worker.VOLUME, id, VolumeStatus.DOWNLOADING);
        }
        return Outcome.ofCount(rows);
    }

    /**
     * Makes the volume available: {@code CreateVolumeFromSpecTask} (bootable, glance metadata),
     * {@code CreateVolumeOnFinishTask} (status), and the end of {@code
     * volume/manager.py:create_volume} (service_uuid, shared_targets). A source is held until the
     * commit, so that it isn't deleted meanwhile.
     *
     * <p>shared_targets is 0: NULL makes os-brick take one lock per backend on each compute host.
     * Quota isn't touched: the API has counted the volume already.
     *
     * @param providerLocation our own note, 256 characters at most
     */
    public static Outcome available(
            Transaction transaction,
            ServiceRow service,
            String id,
            VolumeSource source,
            String providerLocation) {
        Optional<Boolean> bootable = bootable(transaction, id, source);
        if (bootable.isEmpty()) {
            return Outcome.SOURCE_GONE;
        }
        int rows =
                transaction.update(
                        "UPDATE volumes SET status = IF(status = 'migration_target_creating',"
                                + " 'migration_target', 'available'),"
                                + " bootable = IF(?, 1, bootable),"
                                + " launched_at = ?, updated_at = ?, service_uuid = ?,"
                                + " shared_targets = 0, provider_location = ?"
                                + " WHERE id = ? AND deleted = 0 AND status IN ('creating',"
                                + " 'downloading', 'migration_target_creating')",
                        bootable.get(),
                        transaction.now(),
                        transaction.now(),
                        service.uuid(),
                        providerLocation,
                        id);
        if (rows == 0) {
            return Volumes.find(transaction, id).isPresent() ? Outcome.NOT_EXPECTED : Outcome.GONE;
        }
        if (bootable.get()) {
            copyMetadata(transaction, id, source);
        }
        return Outcome.ofCount(rows);
    }

    /**
     * Gives up: status error. Quota isn't touched; deleting the volume gives it back. {@code
     * volume/flows/common.py:error_out}, and {@code volume/manager.py:_do_cleanup} after a restart.
     */
    public static Outcome failed(Transaction transaction, String id) {
        return Outcome.ofCount(
                transaction.update(
                        "UPDATE volumes SET status = 'error', updated_at = ?"
                                + " WHERE id = ? AND deleted = 0 AND status IN ('creating',"
                                + " 'downloading', 'migration_target_creating')",
                        transaction.now(),
                        id));
    }

    /**
     * Whether a volume made of the source is bootable; empty when the source is gone or larger than
     * the volume, and else it stays until the end of the transaction. {@code
     * _handle_bootable_volume_glance_meta}: a snapshot counts as bootable when its volume is now,
     * whatever that was when the snapshot was made.
     */
    private static Optional<Boolean> bootable(
            Transaction transaction, String id, VolumeSource source) {
        return switch (source) {
            case Empty() -> Optional.of(false);
            case FromImage _ -> Optional.of(true);
            case FromSnapshot(String snapshotId) ->
                    transaction.first(
                            row -> row.flag("bootable"),
                            "SELECT v.bootable FROM snapshots s JOIN volumes v"
                                    + " ON v.id = s.volume_id AND v.deleted = 0"
                                    + " WHERE s.id = ? AND s.deleted = 0 AND s.volume_size <="
                                    + " (SELECT n.size FROM volumes n WHERE n.id = ?)"
                                    + " LOCK IN SHARE MODE",
                            snapshotId,
                            id);
            case FromVolume(String volumeId) ->
                    Volumes.hold(transaction, volumeId)
                            .filter(held ->
                                    Volumes.find(transaction, id)
                                            .filter(made -> held.size() <= made.size())
                                            .isPresent())
                            .map(Volume::bootable);
        };
    }

    /** Of the image, which Nova reads with the volume. */
    private static void copyMetadata(Transaction transaction, String id, VolumeSource source) {
        switch (source) {
            case Empty() -> {}
            case FromImage(var metadata) -> GlanceMetadata.add(transaction, id, metadata);
            case FromSnapshot(String snapshotId) ->
                    GlanceMetadata.copySnapshotToVolume(transaction, snapshotId, id);
            case FromVolume(String volumeId) ->
                    GlanceMetadata.copyVolumeToVolume(transaction, volumeId, id);
        }
    }
}
