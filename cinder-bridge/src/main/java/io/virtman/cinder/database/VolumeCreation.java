package io.virtman.cinder.database;

import io.virtman.cinder.database.VolumeSource.Empty;
import io.virtman.cinder.database.VolumeSource.FromImage;
import io.virtman.cinder.database.VolumeSource.FromSnapshot;
import io.virtman.cinder.database.VolumeSource.FromVolume;
import java.util.Optional;
import java.util.Set;

/**
 * How {@code create_volume} ends. Cinder's manager writes its outcome whatever the row says; here
 * it must still be being created, so that a volume that was deleted, or whose status was reset,
 * stays as it is.
 */
public final class VolumeCreation {
    private static final Set<String> UNFINISHED =
            Set.of(
                    VolumeStatus.CREATING,
                    VolumeStatus.DOWNLOADING,
                    VolumeStatus.MIGRATION_TARGET_CREATING);

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
        Optional<Volume> found = Volumes.lock(transaction, id);
        if (found.isEmpty()) {
            return Outcome.GONE;
        }
        Volume volume = found.get();
        if (!UNFINISHED.contains(volume.status())) {
            return Outcome.NOT_EXPECTED;
        }
        Optional<Boolean> bootable = inherit(transaction, id, source);
        if (bootable.isEmpty()) {
            return Outcome.SOURCE_GONE;
        }
        boolean target = volume.status().equals(VolumeStatus.MIGRATION_TARGET_CREATING);
        int rows =
                transaction.update(
                        "UPDATE volumes SET status = ?, bootable = IF(?, 1, bootable),"
                                + " launched_at = ?, updated_at = ?, service_uuid = ?,"
                                + " shared_targets = 0, provider_location = ?"
                                + " WHERE id = ? AND deleted = 0",
                        target ? VolumeStatus.MIGRATION_TARGET : VolumeStatus.AVAILABLE,
                        bootable.get(),
                        transaction.now(),
                        transaction.now(),
                        service.uuid(),
                        providerLocation,
                        id);
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
     * Copies the metadata of the image, if there is any; says whether the volume is bootable; empty
     * when the source is gone. {@code _handle_bootable_volume_glance_meta}: a snapshot counts as
     * bootable when its volume is now, whatever that was when the snapshot was made.
     */
    private static Optional<Boolean> inherit(
            Transaction transaction, String id, VolumeSource source) {
        return switch (source) {
            case Empty() -> Optional.of(false);
            case FromImage(var metadata) -> {
                GlanceMetadata.add(transaction, id, metadata);
                yield Optional.of(true);
            }
            case FromSnapshot(String snapshotId) ->
                    Snapshots.hold(transaction, snapshotId)
                            .flatMap(snapshot -> Volumes.hold(transaction, snapshot.volumeId()))
                            .map(origin -> {
                                if (origin.bootable()) {
                                    GlanceMetadata.copySnapshotToVolume(
                                            transaction, snapshotId, id);
                                }
                                return origin.bootable();
                            });
            case FromVolume(String volumeId) ->
                    Volumes.hold(transaction, volumeId)
                            .map(origin -> {
                                if (origin.bootable()) {
                                    GlanceMetadata.copyVolumeToVolume(transaction, volumeId, id);
                                }
                                return origin.bootable();
                            });
        };
    }
}
