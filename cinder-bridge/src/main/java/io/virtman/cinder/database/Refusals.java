package io.virtman.cinder.database;

import io.virtman.bridge.database.Transaction;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the bridge doesn't do, refused so that the resource can be used again. The user learns of it
 * by a {@link UserMessage}, since these requests have no answer.
 */
public final class Refusals {
    private Refusals() {}

    /**
     * {@code retype}: {@code volume/manager.py:retype}, {@code _retype_error}.
     *
     * @param reservations for the new type
     * @param oldReservations for the present one
     */
    public static Outcome retype(
            Transaction transaction,
            String id,
            List<String> reservations,
            List<String> oldReservations) {
        Outcome outcome = former(transaction, id, Set.of("retyping"));
        Quota.rollback(transaction, oldReservations);
        Quota.rollback(transaction, reservations);
        return outcome;
    }

    /** {@code migrate_volume}: {@code volume/manager.py:migrate_volume}. */
    public static Outcome migrate(Transaction transaction, String id) {
        int rows =
                transaction.update(
                        "UPDATE volumes SET migration_status = 'error', updated_at = ?"
                                + " WHERE id = ? AND deleted = 0",
                        transaction.now(),
                        id);
        if (rows == 0) {
            return Outcome.GONE;
        }
        former(transaction, id, Set.of("retyping", "maintenance"));
        return Outcome.DONE;
    }

    /**
     * {@code copy_volume_to_image}: in use if it has attachments. {@code
     * db/sqlalchemy/api.py:volume_update_status_based_on_attachment}. Also after a restart.
     */
    public static Outcome upload(Transaction transaction, String id) {
        Optional<Volume> volume = locked(transaction, id, Set.of("uploading"));
        if (volume.isEmpty()) {
            return Outcome.NOT_EXPECTED;
        }
        boolean used = !Attachments.ofVolume(transaction, id).isEmpty();
        return set(transaction, id, used ? VolumeStatus.IN_USE : VolumeStatus.AVAILABLE);
    }

    /**
     * {@code reimage}: the volume becomes {@code error}, as in {@code volume/manager.py:reimage}:
     * nova waits for it, and would start the server with the old content.
     */
    public static Outcome reimage(Transaction transaction, String id) {
        Optional<Volume> volume = locked(transaction, id, Set.of("downloading"));
        if (volume.isEmpty()) {
            return Outcome.NOT_EXPECTED;
        }
        return Outcome.ofCount(
                transaction.update(
                        "UPDATE volumes SET previous_status = ?, status = 'error', updated_at = ?"
                                + " WHERE id = ? AND deleted = 0",
                        volume.get().status(),
                        transaction.now(),
                        id));
    }

    /**
     * {@code revert_to_snapshot}: both as before. The API demands that the volume was available;
     * Cinder's failure makes it {@code error} ({@code volume/manager.py:revert_to_snapshot}), for
     * its content may have changed, which ours has not.
     */
    public static Outcome revert(Transaction transaction, String id, String snapshotId) {
        Optional<Volume> volume = locked(transaction, id, Set.of("reverting"));
        transaction.update(
                "UPDATE snapshots SET status = 'available', updated_at = ?"
                        + " WHERE id = ? AND deleted = 0 AND status = 'restoring'",
                transaction.now(),
                snapshotId);
        return volume.isEmpty()
                ? Outcome.NOT_EXPECTED
                : set(transaction, id, VolumeStatus.AVAILABLE);
    }

    /**
     * {@code get_backup_device}: what was to be backed up as before ({@code
     * backup/manager.py:create_backup}). The backup itself is in a table we can't reach.
     *
     * @param snapshotId empty unless it is a backup of a snapshot
     */
    public static Outcome backup(Transaction transaction, String id, String snapshotId) {
        Outcome outcome = former(transaction, id, Set.of("backing-up"));
        int snapshots =
                transaction.update(
                        "UPDATE snapshots SET status = 'available', updated_at = ?"
                                + " WHERE id = ? AND deleted = 0 AND status = 'backing-up'",
                        transaction.now(),
                        snapshotId);
        return snapshots > 0 ? Outcome.DONE : outcome;
    }

    /** {@code manage_existing}: {@code volume/flows/manager/manage_existing.py}. */
    public static Outcome manage(Transaction transaction, String id) {
        Optional<Volume> volume = locked(transaction, id, Set.of("managing", "creating"));
        return volume.isEmpty() ? Outcome.NOT_EXPECTED : set(transaction, id, "error_managing");
    }

    /**
     * {@code manage_existing_snapshot}: {@code volume/flows/manager/manage_existing_snapshot.py}.
     */
    public static Outcome manageSnapshot(Transaction transaction, String id) {
        return Snapshots.creationFailed(transaction, id);
    }

    private static Outcome former(Transaction transaction, String id, Set<String> statuses) {
        Optional<Volume> volume = locked(transaction, id, statuses);
        if (volume.isEmpty()) {
            return Outcome.NOT_EXPECTED;
        }
        String former = volume.get().previousStatus();
        return set(transaction, id, former == null ? VolumeStatus.AVAILABLE : former);
    }

    private static Optional<Volume> locked(
            Transaction transaction, String id, Set<String> statuses) {
        return Volumes.lock(transaction, id).filter(volume -> statuses.contains(volume.status()));
    }

    private static Outcome set(Transaction transaction, String id, String status) {
        return Outcome.ofCount(
                transaction.update(
                        "UPDATE volumes SET status = ?, updated_at = ?"
                                + " WHERE id = ? AND deleted = 0",
                        status,
                        transaction.now(),
                        id));
    }
}
