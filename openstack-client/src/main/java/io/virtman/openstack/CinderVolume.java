package io.virtman.openstack;

import io.virtman.openstack.http.JsonFields;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A volume as Cinder has it.
 *
 * @param id of the volume
 * @param gib its size
 * @param status e.g. {@code available}, {@code in-use}: Cinder's words
 * @param volumeType name of its type; null where it has none
 * @param bootable whether a server can boot from it, by what Cinder knows
 * @param metadata of the user
 */
public record CinderVolume(
        String id,
        long gib,
        String status,
        @Nullable String volumeType,
        boolean bootable,
        Map<String, String> metadata) {
    /** Keeps a copy of the metadata. */
    public CinderVolume {
        metadata = Map.copyOf(metadata);
    }

    static CinderVolume of(JsonFields volume) {
        return new CinderVolume(
                volume.text("id"),
                volume.count("size"),
                volume.text("status"),
                volume.textOrNull("volume_type"),
                volume.text("bootable").equals("true"),
                volume.texts("metadata"));
    }
}
