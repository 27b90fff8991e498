package io.virtman.cinder.database;

import io.virtman.bridge.database.Transaction;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code volume/manager.py:delete_volume} in two steps: may it be deleted, and, once its data is
 * gone, the rows and the quota.
 */
public final class VolumeDeletion {
    /** Whose rows go with the volume: {@code db/sqlalchemy/api.py:VOLUME_DEPENDENT_MODELS}. */
    private static final List<String> DEPENDENT =
            List.of(
                    "volume_metadata",
                    "volume_admin_metadata",
                    "snapshots",
                    "transfers",
                    "volume_glance_metadata",
                    "volume_attachment");

    /** What the API sets before it asks. */
    private static final Set<String> UNDER_WAY = Set.of(VolumeStatus.DELETING, "unmanaging");

    /** May the data of a volume be discarded? */
    public enum Permission {
        /** Yes. */
        GRANTED,
        /** There is no such volume any more; nothing is to be done. */
        GONE,
        /** No: VolumeAttached; its status stays. */
        ATTACHED,
        /** No: it is on another backend, Invalid; its status stays. */
        FOREIGN
    }

    private VolumeDeletion() {}

    /**
     * Asked before anything is discarded.
     *
     * @param backend {@code host@backend}
     */
    public static Permission permission(Transaction transaction, String id, String backend) {
        Optional<Volume> volume = Volumes.find(transaction, id);
        if (volume.isEmpty()) {
            return Permission.GONE;
        }
        if (volume.get().attachStatus().equals("attached")) {
            return Permission.ATTACHED;
        }
        return volume.get().isOn(backend) ? Permission.GRANTED : Permission.FOREIGN;
    }

    /**
     * Deletes the rows and gives the quota back, in one transaction, where Cinder needs three.
     * Whatever the status: the data is gone. The rows keep their {@code updated_at}; snapshots keep
     * their status, and should have been deleted before. {@code
     * db/sqlalchemy/api.py:volume_destroy}.
     *
     * @return GONE when they are deleted already; then the quota has been given back
     */
    public static Outcome destroy(Transaction transaction, String id) {
        Optional<Volume> found = Volumes.lock(transaction, id);
        if (found.isEmpty()) {
            return Outcome.GONE;
        }
        Volume volume = found.get();
        if (isCounted(transaction, volume) && !volume.status().equals("error_managing_deleting")) {
            Map<String, Integer> amounts = new LinkedHashMap<>();
            amounts.put("volumes", 1);
            amounts.put("gigabytes", volume.size());
            Quota.release(transaction, volume.projectId(), volume.volumeTypeId(), amounts);
        }
        destroyRows(transaction, id);
        return Outcome.DONE;
    }

    /** Others need its data (VolumeIsBusy): back to available. */
    public static Outcome refused(Transaction transaction, String id) {
        return end(transaction, id, VolumeStatus.AVAILABLE);
    }

    /** The data couldn't be discarded. */
    public static Outcome failed(Transaction transaction, String id) {
        return end(transaction, id, VolumeStatus.ERROR_DELETING);
    }

    /**
     * {@code volume/manager.py:_clear_db}: the target of a migration is nobody's to see, so its
     * rows go even when its data stays.
     */
    private static Outcome end(Transaction transaction, String id, String status) {
        Optional<Volume> volume = Volumes.lock(transaction, id);
        if (volume.isEmpty()) {
            return Outcome.GONE;
        }
        if (!UNDER_WAY.contains(volume.get().status())) {
            return Outcome.NOT_EXPECTED;
        }
        if (volume.get().isMigrationTarget()) {
            destroyRows(transaction, id);
            return Outcome.DONE;
        }
        return Outcome.ofCount(
                transaction.update(
                        "UPDATE volumes SET status = ?, updated_at = ?"
                                + " WHERE id = ? AND deleted = 0",
                        status,
                        transaction.now(),
                        id));
    }

    /**
     * What a migration or a backup makes for itself was never counted. Newer releases ask use_quota
     * alone, and set it to 0 for those.
     */
    private static boolean isCounted(Transaction transaction, Volume volume) {
        boolean migrating =
                volume.migrationStatus() != null
                        && !Set.of("error", "success").contains(volume.migrationStatus());
        return !Boolean.FALSE.equals(volume.useQuota())
                && !migrating
                && !"True".equals(Volumes.adminMetadata(transaction, volume.id()).get("temporary"));
    }

    private static void destroyRows(Transaction transaction, String id) {
        transaction.update(
                "UPDATE volumes SET status = 'deleted', deleted = 1, deleted_at = ?,"
                        + " migration_status = NULL WHERE id = ? AND deleted = 0",
                transaction.now(),
                id);
        for (String table : DEPENDENT) {
            transaction.update(
                    "UPDATE "
                            + table
                            + " SET deleted = 1, deleted_at = ?"
                            + " WHERE volume_id = ? AND deleted = 0",
                    transaction.now(),
                    id);
        }
    }
}
