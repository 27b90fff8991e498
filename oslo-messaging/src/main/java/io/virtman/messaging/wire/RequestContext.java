package io.virtman.messaging.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * On whose behalf, and as part of which request, something is asked for: the attributes of {@code
 * oslo_context.context.RequestContext} and of the service's subclass of it. Travels as {@code
 * _context_*} keys. Holds a Keystone token, so that {@link #toString} names only ids. Immutable.
 *
 * <p>Accessors are lenient: an attribute that is missing, null or of another type is empty.
 */
public final class RequestContext {
    /** {@code datetime.isoformat} of Python, but always with six digits. */
    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    /** The list {@code safe_keys} of {@code oslo_messaging/notify/notifier.py}. */
    private static final Set<String> SAFE =
            Set.of(
                    "user_id",
                    "project_id",
                    "domain_id",
                    "user_domain_id",
                    "project_domain_id",
                    "is_admin",
                    "request_id",
                    "roles",
                    "user_name",
                    "project_name",
                    "domain_name",
                    "user_domain_name",
                    "project_domain_name",
                    "service_user_id",
                    "service_user_domain_id",
                    "service_user_domain_name",
                    "service_project_id",
                    "service_project_name",
                    "service_project_domain_id",
                    "service_project_domain_name",
                    "service_roles",
                    "global_request_id",
                    "system_scope",
                    "user",
                    "domain",
                    "user_domain",
                    "project_domain");

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

    /**
     * A service that acts for itself: no user, no token, all rights. The least that Cinder's and
     * Nova's {@code context.py} accept; without {@code is_admin} they would evaluate policy for
     * nobody. Section 1.2 of the wire format.
     *
     * @param requestId see {@link #freshRequestId}
     * @param timestamp when the request began
     */
    public static RequestContext admin(String requestId, Instant timestamp) {
        ObjectNode attributes = JsonNodeFactory.instance.objectNode();
        attributes.put("is_admin", true);
        attributes.putNull("user_id");
        attributes.putNull("project_id");
        attributes.putArray("roles").add("admin");
        attributes.put("read_deleted", "no");
        attributes.put("request_id", requestId);
        attributes.put("timestamp", timestamp(timestamp));
        return new RequestContext(attributes);
    }

    /** {@code req-<uuid>}, as {@code oslo_context.context.generate_request_id} makes them. */
    public static String freshRequestId() {
        return "req-" + UUID.randomUUID();
    }

    /**
     * The attribute {@code timestamp}, and every other one in arguments that Python reads by {@code
     * %Y-%m-%dT%H:%M:%S.%f}: {@code 2026-01-02T03:04:05.678901}, UTC, without zone.
     */
    public static String timestamp(Instant time) {
        return TIMESTAMP.format(time);
    }

    /** Takes the attributes over; nobody else may change them. */
    static RequestContext owning(ObjectNode attributes) {
        return new RequestContext(attributes);
    }

    /** The attributes themselves, to be read only. */
    ObjectNode view() {
        return attributes;
    }

    /** A copy of all attributes, secrets included: not for logs. */
    public ObjectNode attributes() {
        return attributes.deepCopy();
    }

    /** A copy with one attribute set, which is copied; the name without {@code _context_}. */
    public RequestContext with(String name, JsonNode value) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("an attribute needs a name");
        }
        ObjectNode changed = attributes.deepCopy();
        changed.set(name, value.deepCopy());
        return new RequestContext(changed);
    }

    /** A copy with one attribute set to text. */
    public RequestContext with(String name, String value) {
        return with(name, JsonNodeFactory.instance.textNode(value));
    }

    /**
     * What of it may go to the notification bus: neither token nor catalog. Source: {@code
     * oslo_messaging/notify/notifier.py}, {@code _sanitize_context}.
     */
    public RequestContext redactedForNotification() {
        return new RequestContext(attributes.deepCopy().retain(SAFE));
    }

    /** {@code req-<uuid>}: what OpenStack's logs are searched by. */
    public Optional<String> requestId() {
        return text("request_id");
    }

    /** The id that the first service of a chain of requests gave it. */
    public Optional<String> globalRequestId() {
        return text("global_request_id");
    }

    /** Of Keystone; older senders call it {@code user}. */
    public Optional<String> userId() {
        return text("user_id").or(() -> text("user"));
    }

    /** Of Keystone; older senders call it {@code project}. */
    public Optional<String> projectId() {
        return text("project_id").or(() -> text("project"));
    }

    /** For people. */
    public Optional<String> userName() {
        return text("user_name");
    }

    /** For people. */
    public Optional<String> projectName() {
        return text("project_name");
    }

    /** Whether all rights were granted; false unless it says true. */
    public boolean isAdmin() {
        return attributes.path("is_admin").booleanValue();
    }

    /** Names of roles; those that are no text are left out. */
    public List<String> roles() {
        List<String> roles = new ArrayList<>();
        if (attributes.get("roles") instanceof ArrayNode names) {
            for (JsonNode name : names) {
                if (name.isTextual()) {
                    roles.add(name.textValue());
                }
            }
        }
        return List.copyOf(roles);
    }

    /** The user's Keystone token: a secret, good for all that the user may do. */
    public Optional<String> authToken() {
        return text("auth_token");
    }

    /** Any attribute that is text. */
    public Optional<String> text(String name) {
        return Optional.ofNullable(attributes.get(name))
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue);
    }

    /** The request id alone. */
    @Override
    public String toString() {
        return requestId().map(Fields::forLog).orElse("no request id");
    }
}
