package io.virtman.cinder.database;

import io.virtman.bridge.database.Transaction;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code volume_glance_metadata}: a row per property of the image a volume or snapshot has come
 * from. Without them nova boots with the wrong bus or firmware, and Horizon doesn't offer the
 * snapshot.
 */
final class GlanceMetadata {
    private static final String INSERT =
            "INSERT INTO volume_glance_metadata (created_at, deleted, volume_id, snapshot_id,"
                    + " `key`, value) ";

    private GlanceMetadata() {}

    /**
     * {@code volume_glance_metadata_bulk_create}; keys that are there stay, where Cinder would
     * refuse the whole.
     */
    static void add(Transaction transaction, String volumeId, Map<String, String> metadata) {
        Set<String> present = Volumes.glanceMetadata(transaction, volumeId).keySet();
        Map<String, String> missing = new TreeMap<>(metadata);
        missing.keySet().removeAll(present);
        missing.forEach((key, value) ->
                transaction.update(
                        INSERT + "VALUES (?, 0, ?, NULL, ?, ?)",
                        transaction.now(),
                        volumeId,
                        key,
                        value));
    }

    /** {@code volume_glance_metadata_copy_to_volume}. */
    static void copySnapshotToVolume(Transaction transaction, String snapshotId, String volumeId) {
        copy(transaction, volumeId, null, "snapshot_id", snapshotId);
    }

    /** {@code volume_glance_metadata_copy_from_volume_to_volume}. */
    static void copyVolumeToVolume(Transaction transaction, String from, String volumeId) {
        copy(transaction, volumeId, null, "volume_id", from);
    }

    /** {@code volume_glance_metadata_copy_to_snapshot}. */
    static void copyVolumeToSnapshot(Transaction transaction, String volumeId, String snapshotId) {
        copy(transaction, null, snapshotId, "volume_id", volumeId);
    }

    private static void copy(
            Transaction transaction,
            @Nullable String toVolume,
            @Nullable String toSnapshot,
            String fromColumn,
            String from) {
        transaction.update(
                INSERT
                        + "SELECT ?, 0, ?, ?, `key`, value FROM volume_glance_metadata WHERE "
                        + fromColumn
                        + " = ? AND deleted = 0 ORDER BY id",
                transaction.now(),
                toVolume,
                toSnapshot,
                from);
    }
}
