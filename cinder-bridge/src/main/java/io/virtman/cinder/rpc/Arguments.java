package io.virtman.cinder.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.cinder.volume.Names;
import io.virtman.messaging.object.VersionedObject;
import io.virtman.messaging.object.VersionedObjectException;
import io.virtman.messaging.wire.RpcRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a request, read leniently: objects are taken by their id, since what counts is
 * in the database. Ids are checked, since they become names of disks.
 */
final class Arguments {
    private static final int LONGEST_LIST = 100;

    /** Cinder's columns; without what its utf8mb3 can't hold. */
    private static final Pattern NAME = Pattern.compile("[!-~]{1,255}");

    private final ObjectNode arguments;

    Arguments(RpcRequest request) {
        this.arguments = request.args();
    }

    /** The id of a volume, snapshot or other object, or an id that was sent instead. */
    String id(String object, String plain) {
        String id = idOrNull(object, plain);
        if (id == null) {
            throw malformed(object, "is missing");
        }
        return id;
    }

    @Nullable String idOrNull(String object, String plain) {
        JsonNode node = arguments.get(object);
        JsonNode id = node == null || node.isNull() ? arguments.get(plain) : data(object, node);
        if (id == null || id.isNull()) {
            return null;
        }
        if (!id.isTextual() || !Names.isId(id.textValue())) {
            throw malformed(object, "has an id that is no UUID");
        }
        return id.textValue();
    }

    private static @Nullable JsonNode data(String name, JsonNode node) {
        return plain(name, node).get("id");
    }

    /** An object's fields, whether it was sent as a versioned object or as a dictionary. */
    ObjectNode object(String name) {
        JsonNode node = arguments.get(name);
        return node == null || node.isNull() ? arguments.objectNode() : plain(name, node);
    }

    private static ObjectNode plain(String name, JsonNode node) {
        if (!(node instanceof ObjectNode object)) {
            throw malformed(name, "is no object");
        }
        try {
            return object.has("versioned_object.name")
                    ? VersionedObject.read(object).data()
                    : object;
        } catch (VersionedObjectException e) {
            throw new MalformedRequestException(name + ": " + e.getMessage(), e);
        }
    }

    @Nullable String text(String name) {
        return text(arguments, name);
    }

    static @Nullable String text(JsonNode object, String name) {
        JsonNode node = object.get(name);
        return node != null && node.isTextual() ? node.textValue() : null;
    }

    /** A UUID inside an object; null when it isn't there. */
    static @Nullable String idIn(ObjectNode object, String name) {
        String text = text(object, name);
        if (text != null && !Names.isId(text)) {
            throw malformed(name, "is no UUID");
        }
        return text;
    }

    boolean flag(String name) {
        return arguments.path(name).asBoolean(false);
    }

    int number(String name) {
        JsonNode node = arguments.get(name);
        if (node == null || !node.canConvertToInt() || !node.isIntegralNumber()) {
            throw malformed(name, "is no whole number");
        }
        return node.intValue();
    }

    /** A list of ids; empty when it isn't there. */
    List<String> ids(String name) {
        List<String> ids = new ArrayList<>();
        JsonNode node = arguments.get(name);
        if (node == null || node.isNull()) {
            return ids;
        }
        if (!node.isArray() || node.size() > LONGEST_LIST) {
            throw malformed(name, "is no short list");
        }
        for (JsonNode each : node) {
            if (!each.isTextual() || !Names.isId(each.textValue())) {
                throw malformed(name, "has an entry that is no UUID");
            }
            ids.add(each.textValue());
        }
        return ids;
    }

    /** A text of the context that goes into the database; null when it can't. */
    static @Nullable String name(Optional<String> text) {
        return text.filter(value -> NAME.matcher(value).matches()).orElse(null);
    }

    /** As {@link #text}, but refused when Cinder's column has no room for it. */
    static @Nullable String shortText(JsonNode object, String name) {
        String text = text(object, name);
        if (text != null && !NAME.matcher(text).matches()) {
            throw malformed(name, "is empty, too long, or has other than ASCII characters");
        }
        return text;
    }

    static MalformedRequestException malformed(String name, String what) {
        return new MalformedRequestException("argument " + name + " " + what, null);
    }
}
