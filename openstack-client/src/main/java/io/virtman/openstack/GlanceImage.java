package io.virtman.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import io.virtman.openstack.http.JsonFields;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An image as Glance describes it (API v2). Formats are Glance's words; which of them are of use is
 * for the caller to say.
 *
 * @param id of the image
 * @param name may be missing
 * @param status {@code active} when there are data
 * @param diskFormat e.g. {@code raw}; may be missing before there are data
 * @param containerFormat e.g. {@code bare}
 * @param size of the data in bytes; missing before there are any
 * @param virtualSize of the disk in bytes, where Glance knows it
 * @param minDisk in GiB
 * @param minRam in MiB
 * @param checksum MD5 of the data, in hex
 * @param osHashAlgo e.g. {@code sha512}
 * @param osHashValue of the data, in hex
 * @param visibility {@code public}, {@code community}, {@code shared} or {@code private}
 * @param owner id of the project
 * @param isProtected whether it cannot be deleted
 * @param properties all else that is not null, such as {@code hw_disk_bus}
 * @param createdAt by Glance's clock
 * @param updatedAt by Glance's clock
 */
public record GlanceImage(
        String id,
        @Nullable String name,
        String status,
        @Nullable String diskFormat,
        @Nullable String containerFormat,
        @Nullable Long size,
        @Nullable Long virtualSize,
        long minDisk,
        long minRam,
        @Nullable String checksum,
        @Nullable String osHashAlgo,
        @Nullable String osHashValue,
        @Nullable String visibility,
        @Nullable String owner,
        boolean isProtected,
        Map<String, String> properties,
        Instant createdAt,
        Instant updatedAt) {
    /** What Glance's schema has as base properties; everything else is a property for Cinder. */
    private static final Set<String> BASE =
            Set.of(
                    "id",
                    "name",
                    "status",
                    "visibility",
                    "protected",
                    "os_hidden",
                    "checksum",
                    "os_hash_algo",
                    "os_hash_value",
                    "owner",
                    "size",
                    "virtual_size",
                    "container_format",
                    "disk_format",
                    "created_at",
                    "updated_at",
                    "tags",
                    "direct_url",
                    "min_ram",
                    "min_disk",
                    "self",
                    "file",
                    "stores",
                    "schema",
                    "locations");

    /** Properties that hold JSON in Glance, which Cinder parses. */
    private static final Set<String> PARSED = Set.of("block_device_mapping", "mappings");

    /** Keeps a copy of the properties. */
    public GlanceImage {
        properties = Collections.unmodifiableMap(new TreeMap<>(properties));
    }

    static GlanceImage of(JsonFields image) {
        Map<String, String> properties = new TreeMap<>();
        for (Map.Entry<String, JsonNode> each : image.all()) {
            if (!BASE.contains(each.getKey()) && !each.getValue().isNull()) {
                properties.put(each.getKey(), PythonText.str(each.getValue()));
            }
        }
        return new GlanceImage(
                image.text("id"),
                image.textOrNull("name"),
                image.text("status"),
                image.textOrNull("disk_format"),
                image.textOrNull("container_format"),
                image.countOrNull("size"),
                image.countOrNull("virtual_size"),
                image.count("min_disk"),
                image.count("min_ram"),
                image.textOrNull("checksum"),
                image.textOrNull("os_hash_algo"),
                image.textOrNull("os_hash_value"),
                image.textOrNull("visibility"),
                image.textOrNull("owner"),
                image.flag("protected"),
                properties,
                image.instant("created_at"),
                image.instant("updated_at"));
    }

    /**
     * The rows that Cinder writes to {@code volume_glance_metadata} for a volume of this image: all
     * properties, and over them the base attributes that are there.
     */
    public Map<String, String> asCinderMetadata() {
        Map<String, String> rows = new LinkedHashMap<>();
        properties.forEach((key, value) ->
                rows.put(key, PARSED.contains(key) ? PythonText.ofJson(value) : value));
        rows.put("image_id", id);
        if (name != null && !name.isEmpty()) {
            rows.put("image_name", name);
        }
        put(rows, "checksum", checksum);
        put(rows, "container_format", containerFormat);
        put(rows, "disk_format", diskFormat);
        put(rows, "min_disk", minDisk);
        put(rows, "min_ram", minRam);
        put(rows, "size", size);
        return rows;
    }

    private static void put(Map<String, String> rows, String key, @Nullable Object value) {
        if (value != null) {
            rows.put(key, value.toString());
        }
    }
}
