package io.virtman.messaging.wire;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * Something happened. Source: {@code oslo_messaging/notify/notifier.py}.
 *
 * @param messageId fresh for every notification
 * @param publisherId e.g. {@code compute.host-1}
 * @param eventType e.g. {@code instance.create.end}
 * @param priority in capitals, as on the wire: {@code INFO}
 * @param payload anything; a versioned notification has a versioned object here
 * @param timestamp {@code YYYY-MM-DD HH:MM:SS.ffffff}, UTC
 * @param context of the request it is a part of
 * @param uniqueId to recognise a message that arrives twice; null only for messages of senders that
 *     leave it out
 */
public record NotificationMessage(
        String messageId,
        String publisherId,
        String eventType,
        String priority,
        JsonNode payload,
        String timestamp,
        RequestContext context,
        @Nullable String uniqueId) {
    /** Type and ids; no payload, since some are secret. */
    @Override
    public String toString() {
        return Fields.forLog(eventType)
                + " of "
                + Fields.forLog(publisherId)
                + " ["
                + context
                + "]";
    }
}
