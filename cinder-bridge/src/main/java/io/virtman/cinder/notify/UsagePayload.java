package io.virtman.cinder.notify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.bridge.database.Transaction;
import io.virtman.cinder.database.UsageRows;
import io.virtman.messaging.wire.RequestContext;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What notifications say of a volume or a snapshot: {@code cinder/volume/volume_utils.py}, {@code
 * _usage_from_volume} and {@code _usage_from_snapshot}. Pure, besides reading rows.
 */
final class UsagePayload {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** {@code isoformat} of an aware time without a fraction, which these columns don't have. */
    private static final DateTimeFormatter AWARE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'+00:00'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private static final List<String> OF_VOLUME =
            List.of(
                    "host",
                    "user_id",
                    "availability_zone",
                    "display_name",
                    "status",
                    "snapshot_id",
                    "size",
                    "replication_status",
                    "replication_extended_status",
                    "replication_driver_data");

    private UsagePayload() {}

    /** Empty when there is no such row. */
    static Optional<ObjectNode> volume(Transaction tx, String id, Instant now) {
        return UsageRows.volume(tx, id)
                .map((Map<String, @Nullable Object> row) -> {
                    ObjectNode payload = JSON.objectNode();
                    OF_VOLUME.forEach(name -> payload.set(name, json(row.get(name))));
                    payload.set("tenant_id", json(row.get("project_id")));
                    payload.set("volume_id", json(row.get("id")));
                    payload.set("volume_type", json(row.get("volume_type_id")));
                    payload.put("created_at", time(row.get("created_at"), now));
                    payload.put("launched_at", time(row.get("launched_at"), now));
                    payload.set("metadata", list(UsageRows.metadata(tx, id)));
                    ArrayNode attachments = list(UsageRows.attachments(tx, id));
                    attachments.forEach(each -> ((ObjectNode) each).set("volume", object(row)));
                    payload.set("volume_attachment", attachments);
                    ArrayNode glance = list(UsageRows.glanceMetadata(tx, id));
                    if (!glance.isEmpty()) {
                        payload.set("glance_metadata", glance);
                    }
                    return payload;
                });
    }

    /** Empty when there is no such row. */
    static Optional<ObjectNode> snapshot(Transaction tx, String id, Instant now) {
        return UsageRows.snapshot(tx, id)
                .map((Map<String, @Nullable Object> row) -> {
                    String volume = String.valueOf(row.get("volume_id"));
                    ObjectNode payload = JSON.objectNode();
                    payload.set("tenant_id", json(row.get("project_id")));
                    payload.set("user_id", json(row.get("user_id")));
                    payload.set(
                            "availability_zone",
                            json(
                                    UsageRows.volume(tx, volume)
                                            .map(each -> each.get("availability_zone"))
                                            .orElse(null)));
                    payload.put("volume_id", volume);
                    payload.set("volume_size", json(row.get("volume_size")));
                    payload.set("snapshot_id", json(row.get("id")));
                    payload.set("display_name", json(row.get("display_name")));
                    payload.put("created_at", time(row.get("created_at"), now));
                    payload.set("status", json(row.get("status")));
                    payload.put("deleted", Boolean.TRUE.equals(row.get("deleted")) ? "True" : "");
                    payload.put("metadata", PythonDict.of(UsageRows.snapshotMetadata(tx, id)));
                    return payload;
                });
    }

    private static ArrayNode list(List<Map<String, @Nullable Object>> rows) {
        ArrayNode list = JSON.arrayNode();
        for (Map<String, @Nullable Object> row : rows) {
            list.add(object(row));
        }
        return list;
    }

    /** As a model of SQLAlchemy is written, but without secrets. */
    private static ObjectNode object(Map<String, ? extends @Nullable Object> row) {
        ObjectNode object = JSON.objectNode();
        row.forEach((column, value) ->
                object.set(column, column.equals("provider_auth") ? JSON.nullNode() : json(value)));
        return object;
    }

    private static JsonNode json(@Nullable Object value) {
        return switch (value) {
            case null -> JSON.nullNode();
            case Boolean flag -> JSON.booleanNode(flag);
            case Integer number -> JSON.numberNode(number);
            case Long number -> JSON.numberNode(number);
            case Instant time -> JSON.textNode(RequestContext.timestamp(time));
            default -> JSON.textNode(value.toString());
        };
    }

    /** Now where there is none, without a zone then, as Cinder has it. */
    private static String time(@Nullable Object time, Instant now) {
        return time instanceof Instant instant
                ? AWARE.format(instant)
                : RequestContext.timestamp(now);
    }
}
