package io.virtman.messaging.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** Versioned objects without their wrapping. The input is not changed. */
final class PlainJson {
    /** Nova's deepest object, a request with instances, is 10 deep. */
    private static final int DEEPEST = 100;

    private PlainJson() {}

    /** All fields, unwrapped. */
    static ObjectNode of(VersionedObject object) {
        return members(object.data(), object.toString(), 0);
    }

    private static JsonNode value(JsonNode node, String owner, int depth) {
        if (depth > DEEPEST) {
            throw new VersionedObjectException(owner + ": more than " + DEEPEST + " deep");
        }
        if (node instanceof ArrayNode array) {
            return elements(array, owner, depth);
        }
        if (!(node instanceof ObjectNode members)) {
            return node;
        }
        if (!VersionedObject.isPrimitive(members)) {
            return members(members, owner, depth);
        }
        VersionedObject nested = VersionedObject.read(members);
        if (nested.name().endsWith("List")
                && nested.data().get("objects") instanceof ArrayNode objects) {
            return elements(objects, nested.toString(), depth);
        }
        return members(nested.data(), nested.toString(), depth);
    }

    private static ArrayNode elements(ArrayNode array, String owner, int depth) {
        ArrayNode plain = JsonNodeFactory.instance.arrayNode(array.size());
        for (JsonNode element : array) {
            plain.add(value(element, owner, depth + 1));
        }
        return plain;
    }

    private static ObjectNode members(ObjectNode object, String owner, int depth) {
        ObjectNode plain = JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            plain.set(member.getKey(), value(member.getValue(), owner, depth + 1));
        }
        return plain;
    }
}
