package io.virtman.cinder.database;

import io.virtman.bridge.database.Row;
import io.virtman.bridge.database.Transaction;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code snapshots}: reading them, and how their creation and deletion end. */
public final class Snapshots {
    private static final String COLUMNS =
            "SELECT id, volume_id, project_id, user_id, status, volume_size, display_name,"
                    + " volume_type_id, use_quota, created_at FROM snapshots";

    private Snapshots() {}

    /** The snapshot, unless it is deleted. */
    public static Optional<Snapshot> find(Transaction transaction, String id) {
        return transaction.first(Snapshots::read, COLUMNS + " WHERE id = ? AND deleted = 0", id);
    }

    /** All of a volume, oldest first. */
    public static List<Snapshot> ofVolume(Transaction transaction, String volumeId) {
        return transaction.list(
                Snapshots::read,
                COLUMNS + " WHERE volume_id = ? AND deleted = 0 ORDER BY created_at, id",
                volumeId);
    }

    /** Of the image its volume was made from. */
    public static Map<String, String> glanceMetadata(Transaction transaction, String id) {
        return Volumes.entries(transaction, "volume_glance_metadata", "snapshot_id", id);
    }

    private static Optional<Snapshot> lock(Transaction transaction, String id) {
        return transaction.first(
                Snapshots::read, COLUMNS + " WHERE id = ? AND deleted = 0 FOR UPDATE", id);
    }

    /**
     * Makes a snapshot that is being created available; the image's metadata come along when the
     * volume is bootable. {@code volume/manager.py:create_snapshot}. The volume keeps its status.
     *
     * @param providerLocation our own note, 255 characters at most
     */
    public static Outcome available(Transaction transaction, String id, String providerLocation) {
        Optional<Snapshot> found = lock(transaction, id);
        if (found.isEmpty()) {
            return Outcome.GONE;
        }
        Snapshot snapshot = found.get();
        if (!snapshot.status().equals(VolumeStatus.CREATING)) {
            return Outcome.NOT_EXPECTED;
        }
        Optional<Volume> volume = Volumes.hold(transaction, snapshot.volumeId());
        if (volume.isEmpty()) {
            return Outcome.SOURCE_GONE;
        }
        if (volume.get().bootable()) {
            GlanceMetadata.copyVolumeToSnapshot(transaction, snapshot.volumeId(), id);
        }
        return Outcome.ofCount(
                transaction.update(
                        "UPDATE snapshots SET status = 'available', progress = '100%',"
                                + " encryption_key_id = ?, provider_location = ?, updated_at = ?"
                                + " WHERE id = ? AND deleted = 0",
                        volume.get().encryptionKeyId(), providerLocation, transaction.now(), id));
    }

    /** Gives up creating it. */
    public static Outcome creationFailed(Transaction transaction, String id) {
        return status(transaction, id, VolumeStatus.ERROR, VolumeStatus.CREATING);
    }

    /** It is needed, or its data would be nobody's: back to available. */
    public static Outcome deletionRefused(Transaction transaction, String id) {
        Outcome outcome = status(transaction, id, VolumeStatus.AVAILABLE, VolumeStatus.DELETING);
        return outcome == Outcome.DONE
                ? outcome
                : status(transaction, id, VolumeStatus.AVAILABLE, "unmanaging");
    }

    /** Deleting it did not work. */
    public static Outcome deletionFailed(Transaction transaction, String id) {
        return status(transaction, id, VolumeStatus.ERROR_DELETING, VolumeStatus.DELETING);
    }

    /**
     * Deletes the row and gives its quota back: {@code volume/manager.py:delete_snapshot}, {@code
     * db/sqlalchemy/api.py:snapshot_destroy}. Whatever its status: the data is gone.
     *
     * @param countGigabytes false with Cinder's {@code no_snapshot_gb_quota}
     * @return GONE when it is deleted already; then the quota has been given back
     */
    public static Outcome destroy(Transaction transaction, String id, boolean countGigabytes) {
        Optional<Snapshot> found = lock(transaction, id);
        if (found.isEmpty()) {
            return Outcome.GONE;
        }
        Snapshot snapshot = found.get();
        // The twins are those of the volume's type now, not those of the snapshot's.
        Optional<Volume> volume = Volumes.find(transaction, snapshot.volumeId());
        if (Boolean.TRUE.equals(snapshot.useQuota()) && volume.isPresent()) {
            Map<String, Integer> amounts = new LinkedHashMap<>();
            amounts.put("snapshots", 1);
            if (countGigabytes) {
                amounts.put("gigabytes", snapshot.volumeSize());
            }
            Quota.release(transaction, snapshot.projectId(), volume.get().volumeTypeId(), amounts);
        }
        transaction.update(
                "UPDATE volume_glance_metadata SET deleted = 1, deleted_at = ?"
                        + " WHERE snapshot_id = ? AND deleted = 0",
                transaction.now(),
                id);
        transaction.update(
                "UPDATE snapshot_metadata SET deleted = 1, deleted_at = ?"
                        + " WHERE snapshot_id = ? AND deleted = 0",
                transaction.now(),
                id);
        return Outcome.ofCount(
                transaction.update(
                        "UPDATE snapshots SET status = 'deleted', deleted = 1, deleted_at = ?"
                                + " WHERE id = ? AND deleted = 0",
                        transaction.now(),
                        id));
    }

    private static Outcome status(Transaction transaction, String id, String to, String from) {
        return Outcome.ofCount(
                transaction.update(
                        "UPDATE snapshots SET status = ?, updated_at = ?"
                                + " WHERE id = ? AND deleted = 0 AND status = ?",
                        to,
                        transaction.now(),
                        id,
                        from));
    }

    private static Snapshot read(Row row) throws SQLException {
        return new Snapshot(
                row.text("id"),
                row.text("volume_id"),
                row.textOrNull("project_id"),
                row.textOrNull("user_id"),
                row.text("status"),
                row.number("volume_size"),
                row.textOrNull("display_name"),
                row.text("volume_type_id"),
                row.flagOrNull("use_quota"),
                row.timeOrNull("created_at"));
    }
}
