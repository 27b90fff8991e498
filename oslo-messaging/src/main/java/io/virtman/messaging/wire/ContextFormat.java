package io.virtman.messaging.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;

/**
 * The request context as members of the inner message, {@code _context_} before each name. Source:
 * {@code oslo_messaging/_drivers/amqp.py}, {@code pack_context} and {@code unpack_context}.
 */
final class ContextFormat {
    private static final String PREFIX = "_context_";

    private ContextFormat() {}

    static void write(Json.Output output, RequestContext context) throws IOException {
        for (Map.Entry<String, JsonNode> attribute : context.view().properties()) {
            output.writeField(PREFIX.concat(attribute.getKey()), attribute.getValue());
        }
    }

    static RequestContext read(ObjectNode inner) {
        ObjectNode attributes = inner.objectNode();
        for (Map.Entry<String, JsonNode> field : inner.properties()) {
            if (field.getKey().startsWith(PREFIX)) {
                attributes.set(field.getKey().substring(PREFIX.length()), field.getValue());
            }
        }
        return RequestContext.owning(attributes);
    }
}
