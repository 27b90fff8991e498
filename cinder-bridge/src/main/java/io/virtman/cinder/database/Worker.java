package io.virtman.cinder.database;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code workers}: a resource something is being done with.
 *
 * @param id of the row
 * @param resourceType {@link #VOLUME} or {@link #SNAPSHOT}
 * @param resourceId of the volume or snapshot
 * @param status of the resource while it is being worked on
 * @param serviceId of the service that does; null until one has begun
 * @param racePreventer grows with each change of the row
 * @param updatedAt in microseconds
 */
public record Worker(
        int id,
        String resourceType,
        String resourceId,
        String status,
        @Nullable Integer serviceId,
        int racePreventer,
        Instant updatedAt) {
    /** A volume that is creating, downloading, deleting or uploading. */
    public static final String VOLUME = "Volume";

    /** A snapshot that is creating. */
    public static final String SNAPSHOT = "Snapshot";
}
