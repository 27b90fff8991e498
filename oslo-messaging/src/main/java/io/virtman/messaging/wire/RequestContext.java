package io.virtman.messaging.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * On whose behalf, and as part of which request, something is asked for: the attributes of {@code
 * oslo_context.context.RequestContext} and of the service's subclass of it. Travels as {@code
 * _context_*} keys. Holds a Keystone token, so that {@link #toString} names only ids. Immutable.
 */
public final class RequestContext {
    private final ObjectNode attributes;

    private RequestContext(ObjectNode attributes) {
        this.attributes = attributes;
    }

    /** The context with these attributes, which are copied; names without {@code _context_}. */
    public static RequestContext of(ObjectNode attributes) {
        return new RequestContext(attributes.deepCopy());
    }

    /** No attributes at all. */
    public static RequestContext empty() {
        return new RequestContext(JsonNodeFactory.instance.objectNode());
    }

    /** A copy of all attributes, secrets included: not for logs. */
    public ObjectNode attributes() {
        return attributes.deepCopy();
    }

    /** {@code req-<uuid>}: what OpenStack's logs are searched by. */
    public Optional<String> requestId() {
        return text("request_id");
    }

    private Optional<String> text(String name) {
        return Optional.ofNullable(attributes.get(name))
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue);
    }

    /** The request id alone. */
    @Override
    public String toString() {
        return requestId().orElse("no request id");
    }
}
