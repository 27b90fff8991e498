package io.virtman.cinder.database;

import java.util.Map;

/**
 * What a volume is made from. Cinder decides in this order: the row's {@code snapshot_id}, its
 * {@code source_volid}, the request's image ({@code
 * volume/flows/manager/create_volume.py:ExtractVolumeSpecTask}).
 */
public sealed interface VolumeSource {
    /** Nothing: an empty volume. */
    record Empty() implements VolumeSource {}

    /**
     * An image.
     *
     * @param metadata what {@code volume/volume_utils.py:get_volume_image_metadata} makes of it:
     *     {@code image_id}, {@code image_name}, {@code checksum}, {@code container_format}, {@code
     *     disk_format}, {@code min_disk}, {@code min_ram}, {@code size}, and each property
     */
    record FromImage(Map<String, String> metadata) implements VolumeSource {
        /** Copies the map. */
        public FromImage {
            metadata = Map.copyOf(metadata);
        }
    }

    /**
     * A snapshot.
     *
     * @param snapshotId of a snapshot that isn't deleted
     */
    record FromSnapshot(String snapshotId) implements VolumeSource {}

    /**
     * Another volume.
     *
     * @param volumeId of a volume that isn't deleted
     */
    record FromVolume(String volumeId) implements VolumeSource {}
}
