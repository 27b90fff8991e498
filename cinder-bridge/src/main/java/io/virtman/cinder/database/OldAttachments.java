package io.virtman.cinder.database;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code attach_volume} and {@code detach_volume}, which cinder-backup, glance's cinder store and
 * {@code cinder local-attach} still use: here the backend writes all rows.
 */
public final class OldAttachments {
    private static final Pattern UUID_LIKE =
            Pattern.compile("[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}");

    /** How {@link #attach} ended. */
    public sealed interface Attached {}

    /**
     * The volume is in use.
     *
     * @param attachment the new row, or the one this instance or host had
     */
    public record Done(Attachment attachment) implements Attached {}

    /** There is no such volume: VolumeNotFound. */
    public record NoVolume() implements Attached {}

    /**
     * Not allowed.
     *
     * @param exception the class in {@code cinder.exception}
     * @param reason its reason, where it has one
     * @param message whether the user gets a message (002, attach volume)
     */
    public record Refused(String exception, String reason, boolean message) implements Attached {}

    private OldAttachments() {}

    /**
     * Makes an attachment and completes it. {@code volume/manager.py:attach_volume}, {@code
     * objects/volume.py:begin_attach}, {@code objects/volume_attachment.py:finish_attach}. A
     * refusal for the mode leaves an attachment {@code error_attaching}, as in Cinder, so commit
     * it.
     *
     * @param instanceUuid null to attach to a host
     * @param host null for an instance
     * @param mode {@code rw} or {@code ro}
     */
    public static Attached attach(
            Transaction transaction,
            String volumeId,
            @Nullable String instanceUuid,
            @Nullable String host,
            String mountpoint,
            String mode) {
        Optional<Volume> found = Volumes.lock(transaction, volumeId);
        if (found.isEmpty()) {
            return new NoVolume();
        }
        Volume volume = found.get();
        Map<String, String> admin = Volumes.adminMetadata(transaction, volumeId);
        @Nullable String attachedMode = admin.get("attached_mode");
        if (volume.status().equals(VolumeStatus.ATTACHING)
                && attachedMode != null
                && !attachedMode.isEmpty()
                && !attachedMode.equals(mode)) {
            return new Refused("InvalidVolume", "being attached by different mode", false);
        }
        List<Attachment> same =
                instanceUuid != null
                        ? Attachments.select(
                                transaction,
                                "volume_id = ? AND instance_uuid = ?",
                                volumeId,
                                instanceUuid)
                        : Attachments.select(
                                transaction, "volume_id = ? AND attached_host = ?", volumeId, host);
        if (!same.isEmpty()) {
            transaction.update(
                    "UPDATE volumes SET status = 'in-use', updated_at = ? WHERE id = ?",
                    transaction.now(),
                    volumeId);
            return new Done(same.getFirst());
        }
        if (volume.status().equals(VolumeStatus.IN_USE)
                && !volume.multiattach()
                && volume.migrationStatus() == null) {
            return new Refused(
                    "InvalidVolume",
                    "volume is already attached and multiple attachments are not enabled",
                    false);
        }
        String id = begin(transaction, volumeId, mode);
        if (instanceUuid != null && !UUID_LIKE.matcher(instanceUuid).matches()) {
            error(transaction, id);
            return new Refused("InvalidUUID", "", false);
        }
        if ("True".equals(admin.get("readonly")) && !mode.equals("ro")) {
            error(transaction, id);
            return new Refused("InvalidVolumeAttachMode", "", true);
        }
        transaction.update(
                "UPDATE volume_attachment SET mountpoint = ?, attach_status = 'attached',"
                        + " instance_uuid = ?, attached_host = ?, attach_time = ?,"
                        + " attach_mode = ?, updated_at = ? WHERE id = ?",
                mountpoint,
                instanceUuid,
                host,
                transaction.now(),
                mode,
                transaction.now(),
                id);
        transaction.update(
                "UPDATE volumes SET status = 'in-use', attach_status = 'attached',"
                        + " updated_at = ? WHERE id = ?",
                transaction.now(),
                volumeId);
        return new Done(Attachments.find(transaction, id).orElseThrow());
    }

    /** How {@link #detach} ended. */
    public enum Detached {
        /** The attachment is gone, and the volume's status says so. */
        DONE,
        /** There is no such volume: VolumeNotFound. */
        NO_VOLUME,
        /** InvalidVolume: "More than one attachment, but no attachment_id provided". */
        AMBIGUOUS
    }

    /**
     * Deletes an attachment, and sets the volume's status by what remains. Detaching what isn't
     * attached sets the status too. {@code volume/manager.py:detach_volume}, {@code
     * objects/volume.py:finish_detach}, {@code db/sqlalchemy/api.py:volume_detached}.
     *
     * @param attachmentId null for the only one
     */
    public static Detached detach(
            Transaction transaction, String volumeId, @Nullable String attachmentId) {
        Optional<Volume> volume = Volumes.lock(transaction, volumeId);
        if (volume.isEmpty()) {
            return Detached.NO_VOLUME;
        }
        List<Attachment> attachments = Attachments.ofVolume(transaction, volumeId);
        if (attachmentId == null && attachments.size() > 1) {
            return Detached.AMBIGUOUS;
        }
        if (attachmentId == null && attachments.isEmpty()) {
            transaction.update(
                    "UPDATE volumes SET status = 'available', attach_status = 'detached',"
                            + " updated_at = ? WHERE id = ?",
                    transaction.now(),
                    volumeId);
            return Detached.DONE;
        }
        String id = attachmentId == null ? attachments.getFirst().id() : attachmentId;
        transaction.update(
                "UPDATE volume_attachment SET deleted = 1, deleted_at = ?,"
                        + " attach_status = 'detached', detach_time = ?, updated_at = ?"
                        + " WHERE id = ? AND deleted = 0",
                transaction.now(),
                transaction.now(),
                transaction.now(),
                id);
        settle(transaction, volume.get());
        transaction.update(
                "UPDATE volume_admin_metadata SET deleted = 1, deleted_at = ?"
                        + " WHERE volume_id = ? AND `key` = 'attached_mode' AND deleted = 0",
                transaction.now(),
                volumeId);
        return Detached.DONE;
    }

    /**
     * The alphabet orders them by weight: attached, attaching, detaching, reserved; errors don't
     * count ({@code db/sqlalchemy/api.py:_get_statuses_from_attachments}). While a volume migrates
     * or is uploaded, its status stays until that ends.
     */
    private static void settle(Transaction transaction, Volume volume) {
        String attachStatus =
                transaction
                        .first(
                                row -> row.text("attach_status"),
                                "SELECT attach_status FROM volume_attachment WHERE volume_id = ?"
                                        + " AND deleted = 0 AND attach_status NOT LIKE 'error!_%'"
                                        + " ESCAPE '!' ORDER BY attach_status LIMIT 1",
                                volume.id())
                        .orElse("detached");
        String status =
                switch (attachStatus) {
                    case "attached" -> VolumeStatus.IN_USE;
                    case "detached" -> VolumeStatus.AVAILABLE;
                    default -> attachStatus;
                };
        boolean settles =
                !attachStatus.equals("detached")
                        || (volume.migrationStatus() == null
                                && !volume.status().equals("uploading"))
                        || Set.of("success", "error")
                                .contains(String.valueOf(volume.migrationStatus()));
        transaction.update(
                "UPDATE volumes SET attach_status = ?, status = ?, updated_at = ? WHERE id = ?",
                attachStatus,
                settles ? status : volume.status(),
                transaction.now(),
                volume.id());
    }

    private static String begin(Transaction transaction, String volumeId, String mode) {
        String id = UUID.randomUUID().toString();
        transaction.update(
                "INSERT INTO volume_attachment (created_at, deleted, id, volume_id,"
                        + " attach_status) VALUES (?, 0, ?, ?, 'attaching')",
                transaction.now(),
                id,
                volumeId);
        int rows =
                transaction.update(
                        "UPDATE volume_admin_metadata SET value = ?, updated_at = ?"
                                + " WHERE volume_id = ? AND `key` = 'attached_mode' AND deleted = 0",
                        mode,
                        transaction.now(),
                        volumeId);
        if (rows == 0) {
            transaction.update(
                    "INSERT INTO volume_admin_metadata (created_at, deleted, volume_id, `key`,"
                            + " value) VALUES (?, 0, ?, 'attached_mode', ?)",
                    transaction.now(),
                    volumeId,
                    mode);
        }
        return id;
    }

    private static void error(Transaction transaction, String attachmentId) {
        transaction.update(
                "UPDATE volume_attachment SET attach_status = 'error_attaching', updated_at = ?"
                        + " WHERE id = ?",
                transaction.now(),
                attachmentId);
    }
}
