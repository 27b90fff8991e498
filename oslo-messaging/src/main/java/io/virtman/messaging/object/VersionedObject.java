package io.virtman.messaging.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object of OpenStack as it travels in arguments, results and payloads: a JSON object with keys
 * like {@code versioned_object.name} (Cinder) or {@code nova_object.name} (Nova), called a
 * primitive. Source: {@code oslo_versionedobjects/base.py}, {@code obj_to_primitive} and {@code
 * obj_from_primitive}. Section 2 of the wire format.
 *
 * <p>Read leniently: fields of any minor version, unknown keys ignored, no class of that name is
 * looked for. There is no backport: a sender must send what its receivers know.
 *
 * @param name e.g. {@code Volume}
 * @param namespace of the project, e.g. {@code cinder}
 * @param version {@code major.minor}
 * @param data the fields that are set, nested objects as primitives; shared, not copied
 * @param changes names of the fields that are not saved yet
 */
public record VersionedObject(
        String name, String namespace, String version, ObjectNode data, List<String> changes) {
    private static final String NAME = "_object.name";

    public VersionedObject {
        changes = List.copyOf(changes);
    }

    /** An object without unsaved changes. */
    public static VersionedObject of(
            String name, String namespace, String version, ObjectNode data) {
        return new VersionedObject(name, namespace, version, data, List.of());
    }

    /**
     * A list object, whose one field {@code objects} has the others.
     *
     * @param name ends with {@code List}
     */
    public static VersionedObject list(
            String name, String namespace, String version, List<VersionedObject> objects) {
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        ArrayNode elements = data.putArray("objects");
        objects.forEach(object -> elements.add(object.toPrimitive()));
        return of(name, namespace, version, data);
    }

    /** Whether that is a versioned object and not simply a JSON value. */
    public static boolean isPrimitive(@Nullable JsonNode node) {
        return node instanceof ObjectNode object && prefix(object) != null;
    }

    /**
     * Reads a primitive with any prefix that ends with {@code _object}.
     *
     * @throws VersionedObjectException when it is none, or a member is missing or of a wrong type
     */
    public static VersionedObject read(@Nullable JsonNode node) {
        String prefix = node instanceof ObjectNode object ? prefix(object) : null;
        if (!(node instanceof ObjectNode object) || prefix == null) {
            throw new VersionedObjectException("no versioned object");
        }
        String name = text(object, prefix + ".name", "versioned object");
        String version = text(object, prefix + ".version", name);
        major(version, name);
        return new VersionedObject(
                name,
                object.path(prefix + ".namespace").asText(""),
                version,
                data(object, prefix, name),
                changes(object.get(prefix + ".changes")));
    }

    /** The prefix of its keys; null when it is no primitive. */
    private static @Nullable String prefix(ObjectNode object) {
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            if (member.getKey().endsWith(NAME)) {
                String key = member.getKey();
                String prefix = key.substring(0, key.length() - ".name".length());
                if (object.has(prefix + ".data")) {
                    return prefix;
                }
            }
        }
        return null;
    }

    private static String text(ObjectNode object, String key, String name) {
        JsonNode value = object.get(key);
        if (value == null || !value.isTextual()) {
            throw new VersionedObjectException(name + ": " + key + " is missing or not text");
        }
        return value.textValue();
    }

    private static ObjectNode data(ObjectNode object, String prefix, String name) {
        if (object.get(prefix + ".data") instanceof ObjectNode data) {
            return data;
        }
        throw new VersionedObjectException(name + ": " + prefix + ".data is not an object");
    }

    private static List<String> changes(@Nullable JsonNode node) {
        List<String> changes = new ArrayList<>();
        if (node instanceof ArrayNode names) {
            names.forEach(each -> changes.add(each.asText()));
        }
        return changes;
    }

    /**
     * This, if it has that name and that major version; the minor one does not matter, since fields
     * are only added between minor versions.
     *
     * @param expected e.g. {@code Volume}
     * @param major e.g. 1
     * @throws VersionedObjectException when it has not
     */
    public VersionedObject require(String expected, int major) {
        if (!name.equals(expected) || major(version, name) != major) {
            throw new VersionedObjectException(
                    "expected " + expected + " " + major + ".x, not " + this);
        }
        return this;
    }

    private static int major(String version, String name) {
        int dot = version.indexOf('.');
        try {
            return Integer.parseInt(dot < 0 ? version : version.substring(0, dot));
        } catch (NumberFormatException e) {
            throw new VersionedObjectException(name + ": version is not major.minor");
        }
    }

    /**
     * The fields as a record, see {@link RecordReader}: names in snake case ({@code displayName} is
     * {@code display_name}), nested objects and lists as records and lists, {@code Instant} for
     * times; what is missing is null, {@code Optional.empty()}, 0 or false; unknown fields are
     * ignored.
     *
     * @throws VersionedObjectException naming object and field, when a value has another type
     */
    public <R> R as(Class<R> recordType) {
        return RecordReader.read(this, recordType);
    }

    /**
     * The fields as plain JSON: nested objects without their names and versions, list objects as
     * arrays.
     *
     * @throws VersionedObjectException when it is more than 100 deep
     */
    public ObjectNode plain() {
        return PlainJson.of(this);
    }

    /** As {@code obj_to_primitive} makes it, with the prefix that the namespace is known for. */
    public ObjectNode toPrimitive() {
        return toPrimitive(
                switch (namespace) {
                    case "nova", "ironic", "magnum", "designate" -> namespace + "_object";
                    default -> "versioned_object";
                });
    }

    /**
     * The same with another prefix, {@code OBJ_SERIAL_NAMESPACE} in Python.
     *
     * @param prefix ends with {@code _object}
     */
    public ObjectNode toPrimitive(String prefix) {
        ObjectNode primitive = JsonNodeFactory.instance.objectNode();
        primitive.put(prefix + ".name", name);
        primitive.put(prefix + ".namespace", namespace);
        primitive.put(prefix + ".version", version);
        primitive.set(prefix + ".data", data);
        if (!changes.isEmpty()) {
            ArrayNode names = primitive.putArray(prefix + ".changes");
            changes.forEach(names::add);
        }
        return primitive;
    }

    /** Name and version; no field, since some are secret. */
    @Override
    public String toString() {
        return printable(name) + " " + printable(version);
    }

    private static String printable(String text) {
        return text.substring(0, Math.min(text.length(), 100)).replaceAll("[^ -~]", "?");
    }
}
