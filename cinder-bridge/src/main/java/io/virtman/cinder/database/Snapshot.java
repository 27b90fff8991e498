package io.virtman.cinder.database;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code snapshots} that isn't deleted: the columns the bridge uses.
 *
 * @param id the snapshot's id
 * @param volumeId of the volume it was made of
 * @param projectId whose quota it counts in
 * @param userId who made it
 * @param status any text, since administrators can set it
 * @param volumeSize in GiB, of the volume at that time
 * @param displayName its user's name for it
 * @param volumeTypeId of the volume at that time
 * @param useQuota whether it counts; null in rows of old releases, which Zed takes for no
 * @param createdAt when the API took the request
 */
public record Snapshot(
        String id,
        String volumeId,
        @Nullable String projectId,
        @Nullable String userId,
        String status,
        int volumeSize,
        @Nullable String displayName,
        String volumeTypeId,
        @Nullable Boolean useQuota,
        @Nullable Instant createdAt) {}
