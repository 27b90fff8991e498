package io.virtman.cinder.cloud;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

/**
 * An image of Glance's.
 *
 * @param id Glance's
 * @param status {@code active} when it can be used
 * @param diskFormat {@code raw}, {@code qcow2} ...
 * @param containerFormat {@code bare} ...
 * @param length bytes of the file
 * @param virtualBytes of the disk, when Glance knows
 * @param minimumGigabytes {@code min_disk}
 * @param hash of the file
 * @param metadata what Cinder keeps of it with a volume
 * @param data URL of the file
 */
public record SourceImage(
        String id,
        String status,
        String diskFormat,
        String containerFormat,
        long length,
        Optional<Long> virtualBytes,
        int minimumGigabytes,
        Optional<ImageService.Hash> hash,
        Map<String, String> metadata,
        URI data) {
    /** Copies the map. */
    public SourceImage {
        metadata = Map.copyOf(metadata);
    }
}
