package io.virtman.cinder.database;

import io.virtman.bridge.database.Transaction;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code messages}: the reason for a failure that a user can read ({@code openstack volume
 * message list}). The texts are Cinder's own, chosen by two numbers; there is no room for another.
 *
 * @param projectId whose user may read it; null when nobody could
 * @param requestId of the request that failed
 * @param snapshot whether it is about a snapshot, else a volume
 * @param resourceId of the volume or snapshot
 * @param action what was being done
 * @param detail why it failed
 */
public record UserMessage(
        @Nullable String projectId,
        @Nullable String requestId,
        boolean snapshot,
        String resourceId,
        Action action,
        Detail detail) {
    /** Cinder's {@code message_ttl}. */
    public static final Duration TIME_TO_LIVE = Duration.ofDays(30);

    /** What was being done: {@code message/message_field.py:Action}. */
    public enum Action {
        ATTACH_VOLUME("002"),
        COPY_VOLUME_TO_IMAGE("003"),
        UPDATE_ATTACHMENT("004"),
        COPY_IMAGE_TO_VOLUME("005"),
        EXTEND_VOLUME("007"),
        CREATE_VOLUME_FROM_BACKEND("008"),
        SNAPSHOT_CREATE("009"),
        SNAPSHOT_DELETE("010"),
        BACKUP_CREATE("013"),
        REIMAGE_VOLUME("016");

        private final String id;

        Action(String id) {
            this.id = id;
        }
    }

    /** Why it failed: {@code message/message_field.py:Detail}. All exist since Zed. */
    public enum Detail {
        UNKNOWN_ERROR("001"),
        DRIVER_NOT_INITIALIZED("002"),
        FAILED_TO_UPLOAD_VOLUME("004"),
        VOLUME_ATTACH_MODE_INVALID("005"),
        NOT_ENOUGH_SPACE_FOR_IMAGE("007"),
        DRIVER_FAILED_EXTEND("010"),
        SIGNATURE_VERIFICATION_FAILED("011"),
        DRIVER_FAILED_CREATE("012"),
        SNAPSHOT_CREATE_ERROR("013"),
        SNAPSHOT_IS_BUSY("015"),
        SNAPSHOT_DELETE_ERROR("016"),
        ATTACH_ERROR("021"),
        DETACH_ERROR("022"),
        VOLUME_INVALID_STATE("027"),
        REIMAGE_VOLUME_FAILED("028"),
        IMAGE_FORMAT_UNACCEPTABLE("029");

        private final String id;

        Detail(String id) {
            this.id = id;
        }
    }

    /** Writes the row, if anybody could read it: {@code message/api.py:API.create}. */
    public void write(Transaction transaction) {
        if (projectId == null) {
            return;
        }
        String type = snapshot ? "VOLUME_SNAPSHOT" : "VOLUME";
        transaction.update(
                "INSERT INTO messages (id, project_id, request_id, resource_type, resource_uuid,"
                        + " action_id, detail_id, event_id, message_level, created_at, expires_at,"
                        + " deleted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'ERROR', ?, ?, 0)",
                UUID.randomUUID().toString(),
                projectId,
                requestId,
                type,
                resourceId,
                action.id,
                detail.id,
                String.format(Locale.ROOT, "VOLUME_%s_%s_%s", type, action.id, detail.id),
                transaction.now(),
                transaction.now().plus(TIME_TO_LIVE));
    }
}
