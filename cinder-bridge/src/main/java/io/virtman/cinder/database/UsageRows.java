package io.virtman.cinder.database;

import io.virtman.bridge.database.Row;
import io.virtman.bridge.database.Transaction;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Rows for those who account for what is used: deleted ones too, and with all the columns that this
 * release of Cinder has, since its notifications have them all. Values are text, whole numbers,
 * booleans, {@link java.time.Instant}s and nulls.
 */
public final class UsageRows {
    private UsageRows() {}

    /** The row of a volume. */
    public static Optional<Map<String, @Nullable Object>> volume(
            Transaction transaction, String id) {
        return transaction.first(Row::all, "SELECT * FROM volumes WHERE id = ?", id);
    }

    /** Its attachments: {@code db.volume_attachment_get_all_by_volume_id}. */
    public static List<Map<String, @Nullable Object>> attachments(
            Transaction transaction, String volumeId) {
        return transaction.list(
                Row::all,
                "SELECT * FROM volume_attachment WHERE volume_id = ? AND deleted = 0"
                        + " AND attach_status <> 'detached'",
                volumeId);
    }

    /** Of the image it was made of: {@code db.volume_glance_metadata_get}. */
    public static List<Map<String, @Nullable Object>> glanceMetadata(
            Transaction transaction, String volumeId) {
        return transaction.list(
                Row::all,
                "SELECT * FROM volume_glance_metadata WHERE volume_id = ? AND deleted = 0"
                        + " ORDER BY id",
                volumeId);
    }

    /** What its user wrote about it; of a deleted volume what was deleted with it. */
    public static List<Map<String, @Nullable Object>> metadata(
            Transaction transaction, String volumeId) {
        return transaction.list(
                Row::all,
                "SELECT m.`key`, m.value FROM volume_metadata m JOIN volumes v ON v.id ="
                        + " m.volume_id WHERE v.id = ? AND m.deleted = v.deleted AND m.deleted_at"
                        + " <=> v.deleted_at ORDER BY m.id",
                volumeId);
    }

    /** The row of a snapshot. */
    public static Optional<Map<String, @Nullable Object>> snapshot(
            Transaction transaction, String id) {
        return transaction.first(Row::all, "SELECT * FROM snapshots WHERE id = ?", id);
    }

    /** What its user wrote about it; of a deleted snapshot what was deleted with it. */
    public static List<Map<String, @Nullable Object>> snapshotMetadata(
            Transaction transaction, String snapshotId) {
        return transaction.list(
                Row::all,
                "SELECT m.`key`, m.value FROM snapshot_metadata m JOIN snapshots s ON s.id ="
                        + " m.snapshot_id WHERE s.id = ? AND m.deleted = s.deleted AND"
                        + " m.deleted_at <=> s.deleted_at ORDER BY m.`key`",
                snapshotId);
    }
}
