package io.virtman.messaging.notify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.messaging.wire.NotificationMessage;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which notifications an endpoint wants: those of which every given part begins with a match of its
 * regular expression (Python's {@code re.match}). A part that is missing or is no text does not
 * match. Source: {@code oslo_messaging/notify/filter.py}. Immutable.
 *
 * <p>The expressions come from the program and the texts from the network, so that the texts are
 * bounded: one of more than {@value #LONGEST_TEXT} characters does not match. Expressions that take
 * exponential time on short texts are the program's to avoid.
 */
public final class NotificationFilter {
    static final int LONGEST_TEXT = 8192;
    static final int LONGEST_EXPRESSION = 1024;
    static final int MOST_EXPRESSIONS = 64;

    /** What everything matches. */
    public static final NotificationFilter ALL = new Builder().build();

    private final @Nullable Pattern publisherId;
    private final @Nullable Pattern eventType;
    private final Map<String, Pattern> context;
    private final Map<String, Pattern> metadata;
    private final Map<String, Pattern> payload;

    private NotificationFilter(Builder builder) {
        publisherId = builder.publisherId;
        eventType = builder.eventType;
        context = Map.copyOf(builder.context);
        metadata = Map.copyOf(builder.metadata);
        payload = Map.copyOf(builder.payload);
    }

    /** A filter that everything matches, to be narrowed. */
    public static Builder builder() {
        return new Builder();
    }

    /** Whether every given part matches. */
    public boolean matches(NotificationMessage notification) {
        return matches(publisherId, notification.publisherId())
                && matches(eventType, notification.eventType())
                && (context.isEmpty() || matches(context, notification.context().attributes()))
                && (metadata.isEmpty() || matches(metadata, metadata(notification)))
                && matches(payload, notification.payload());
    }

    /** As {@code _extract_user_message} of the dispatcher makes it. */
    private static ObjectNode metadata(NotificationMessage notification) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("message_id", notification.messageId())
                .put("timestamp", notification.timestamp());
    }

    private static boolean matches(Map<String, Pattern> expressions, JsonNode values) {
        return expressions.entrySet().stream()
                .allMatch(expression ->
                        matches(
                                expression.getValue(),
                                values.path(expression.getKey()).textValue()));
    }

    private static boolean matches(@Nullable Pattern expression, @Nullable String text) {
        return expression == null
                || (text != null
                        && text.length() <= LONGEST_TEXT
                        && expression.matcher(text).lookingAt());
    }

    /**
     * Collects what a filter asks for. Every method throws {@link IllegalArgumentException} for an
     * expression that is none or has more than {@value #LONGEST_EXPRESSION} characters, and for the
     * expression after {@value #MOST_EXPRESSIONS} others.
     */
    public static final class Builder {
        private @Nullable Pattern publisherId;
        private @Nullable Pattern eventType;
        private final Map<String, Pattern> context = new HashMap<>();
        private final Map<String, Pattern> metadata = new HashMap<>();
        private final Map<String, Pattern> payload = new HashMap<>();
        private int expressions;

        private Builder() {}

        /** E.g. {@code compute\..*}. */
        public Builder publisherId(String expression) {
            publisherId = compile(expression);
            return this;
        }

        /** E.g. {@code instance\.create\.(start|end)$}. */
        public Builder eventType(String expression) {
            eventType = compile(expression);
            return this;
        }

        /** An attribute of the request context, e.g. {@code project_id}. */
        public Builder context(String attribute, String expression) {
            context.put(attribute, compile(expression));
            return this;
        }

        /** {@code message_id} or {@code timestamp}. */
        public Builder metadata(String name, String expression) {
            metadata.put(name, compile(expression));
            return this;
        }

        /** A member of the payload itself, not of objects in it. */
        public Builder payload(String member, String expression) {
            payload.put(member, compile(expression));
            return this;
        }

        private Pattern compile(String expression) {
            if (expression.length() > LONGEST_EXPRESSION || ++expressions > MOST_EXPRESSIONS) {
                throw new IllegalArgumentException(
                        "too long an expression, or more than " + MOST_EXPRESSIONS);
            }
            return Pattern.compile(expression);
        }

        /** The filter. */
        public NotificationFilter build() {
            return new NotificationFilter(this);
        }
    }
}
