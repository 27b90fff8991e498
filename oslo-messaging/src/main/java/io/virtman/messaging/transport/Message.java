package io.virtman.messaging.transport;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A message as the broker carries it. The array is not copied: whoever makes a message gives it
 * away.
 *
 * @param body the bytes, possibly compressed
 * @param contentType AMQP content type, e.g. {@code application/json}; null when there is none
 * @param contentEncoding AMQP content encoding, e.g. {@code utf-8}; null when there is none
 * @param compression the {@code compression} header of kombu; null when the body is not compressed
 * @param expiration after which the broker drops the message if nobody took it; null for never
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Message(
        byte[] body,
        @Nullable String contentType,
        @Nullable String contentEncoding,
        @Nullable String compression,
        @Nullable Duration expiration) {
    /** JSON text, as all of OpenStack sends. */
    public static Message json(byte[] body, @Nullable Duration expiration) {
        return new Message(body, "application/json", "utf-8", null, expiration);
    }

    /** Says how long the body is and nothing of what is in it, which may be secret. */
    @Override
    public String toString() {
        return "message of " + body.length + " bytes, " + contentType;
    }
}
