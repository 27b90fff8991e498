package io.virtman.cinder.database;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code volumes} that isn't deleted: the columns the bridge uses.
 *
 * @param id the volume's id
 * @param nameId {@code _name_id}: after a migration, the id under which the data is kept
 * @param projectId whose quota it counts in
 * @param userId who made it
 * @param host {@code host@backend#pool}; null before it is scheduled
 * @param size in GiB
 * @param availabilityZone where
 * @param status any text, since administrators can set it
 * @param attachStatus of its attachments together
 * @param migrationStatus null when it has never been migrated
 * @param previousStatus what it was before an extension, retype, migration or new image
 * @param displayName its user's name for it
 * @param snapshotId from which it is made
 * @param sourceVolumeId from which it is made
 * @param volumeTypeId its type; always there
 * @param encryptionKeyId when it is encrypted
 * @param providerLocation the bridge's own note
 * @param providerId the bridge's own note
 * @param serviceUuid of the service that made it
 * @param bootable whether an image is in it
 * @param multiattach whether several instances may have it
 * @param useQuota null in rows of old releases
 * @param createdAt when the API took the request
 * @param launchedAt when it became available
 */
public record Volume(
        String id,
        @Nullable String nameId,
        @Nullable String projectId,
        @Nullable String userId,
        @Nullable String host,
        int size,
        @Nullable String availabilityZone,
        String status,
        String attachStatus,
        @Nullable String migrationStatus,
        @Nullable String previousStatus,
        @Nullable String displayName,
        @Nullable String snapshotId,
        @Nullable String sourceVolumeId,
        String volumeTypeId,
        @Nullable String encryptionKeyId,
        @Nullable String providerLocation,
        @Nullable String providerId,
        @Nullable String serviceUuid,
        boolean bootable,
        boolean multiattach,
        @Nullable Boolean useQuota,
        @Nullable Instant createdAt,
        @Nullable Instant launchedAt) {
    /**
     * Whether it is on this backend, in whatever pool. {@code
     * volume/manager.py:_check_is_our_resource} takes one without a host for ours too.
     */
    public boolean isOn(String backend) {
        return host == null || host.equals(backend) || host.startsWith(backend + "#");
    }

    /** {@code objects/volume.py:is_migration_target}. */
    public boolean isMigrationTarget() {
        return migrationStatus != null && migrationStatus.startsWith("target:");
    }
}
