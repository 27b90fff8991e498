package io.virtman.cinder.database;

import io.virtman.bridge.database.Row;
import io.virtman.bridge.database.Transaction;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * {@code volume_attachment}, as nova uses it since Queens. The API makes, completes and deletes the
 * rows; the backend writes only when one gets its host. {@code attachment_delete} writes nothing,
 * so there is no operation for it.
 */
public final class Attachments {
    private static final String COLUMNS =
            "SELECT id, volume_id, instance_uuid, attached_host, mountpoint, attach_status,"
                    + " attach_mode, connector, connection_info, attach_time"
                    + " FROM volume_attachment";

    private Attachments() {}

    /** The attachment, unless it is deleted. */
    public static Optional<Attachment> find(Transaction transaction, String id) {
        return transaction.first(Attachments::read, COLUMNS + " WHERE id = ? AND deleted = 0", id);
    }

    /** All of a volume. */
    public static List<Attachment> ofVolume(Transaction transaction, String volumeId) {
        return transaction.list(
                Attachments::read,
                COLUMNS + " WHERE volume_id = ? AND deleted = 0 ORDER BY created_at, id",
                volumeId);
    }

    /**
     * Notes on which host the volume is; called when its device is ready there, so that a failure
     * leaves the attachment reserved. {@code volume/manager.py:attachment_update}, {@code
     * _connection_create}, {@code db/sqlalchemy/api.py:volume_attached}.
     *
     * <p>Any status of the attachment will do, as in Cinder; a volume that is being deleted won't.
     *
     * @param connectorJson the whole connector; Cinder adds {@code mode} when {@link
     *     Attachment#mode} took the attachment's own
     * @param host {@code connector.host}; empty if it had none
     * @param mountpoint {@code connector.mountpoint}, or {@code na}
     * @param mode from {@link Attachment#mode}
     */
    public static Outcome begin(
            Transaction transaction,
            String attachmentId,
            String connectorJson,
            String host,
            String mountpoint,
            String mode) {
        Optional<Attachment> attachment = find(transaction, attachmentId);
        if (attachment.isEmpty()) {
            return Outcome.GONE;
        }
        // The volume first, as everywhere: its row is the lock of its attachments.
        Optional<Volume> volume = Volumes.lock(transaction, attachment.get().volumeId());
        if (volume.isEmpty()) {
            return Outcome.GONE;
        }
        if (volume.get().status().equals(VolumeStatus.DELETING)) {
            return Outcome.NOT_EXPECTED;
        }
        int rows =
                transaction.update(
                        "UPDATE volume_attachment SET attach_status = 'attaching', connector = ?,"
                                + " attached_host = ?, mountpoint = ?, attach_time = ?,"
                                + " attach_mode = ?, updated_at = ? WHERE id = ? AND deleted = 0",
                        connectorJson,
                        host,
                        mountpoint,
                        transaction.now(),
                        mode,
                        transaction.now(),
                        attachmentId);
        if (rows == 0) {
            return Outcome.GONE; // the API deleted it while we waited for the volume
        }
        return Outcome.ofCount(
                transaction.update(
                        "UPDATE volumes SET status = 'attaching', attach_status = 'attaching',"
                                + " updated_at = ? WHERE id = ? AND deleted = 0",
                        transaction.now(),
                        attachment.get().volumeId()));
    }

    private static Attachment read(Row row) throws SQLException {
        return new Attachment(
                row.text("id"),
                row.text("volume_id"),
                row.textOrNull("instance_uuid"),
                row.textOrNull("attached_host"),
                row.textOrNull("mountpoint"),
                row.text("attach_status"),
                row.textOrNull("attach_mode"),
                row.textOrNull("connector"),
                row.textOrNull("connection_info"),
                row.timeOrNull("attach_time"));
    }
}
