package io.virtman.openstack;

import io.virtman.openstack.http.JsonFields;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of a volume, as Cinder has it.
 *
 * @param id of the snapshot
 * @param volumeId of what it is a snapshot of
 * @param gib size of the volume when it was taken
 * @param status e.g. {@code creating}, {@code available}, {@code error}: Cinder's words
 * @param name may be missing
 * @param projectId null where Cinder does not say, as when it has just been made
 */
public record VolumeSnapshot(
        String id,
        String volumeId,
        long gib,
        String status,
        @Nullable String name,
        @Nullable String projectId) {
    static VolumeSnapshot of(JsonFields snapshot) {
        return new VolumeSnapshot(
                Ids.answered("snapshot", snapshot.text("id")),
                Ids.answered("volume", snapshot.text("volume_id")),
                snapshot.count("size"),
                snapshot.text("status"),
                snapshot.textOrNull("name"),
                snapshot.textOrNull("os-extended-snapshot-attributes:project_id"));
    }
}
