package io.virtman.messaging.wire;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * What comes back for a call: a result, a failure, or a sign of life. Section 1.6 of the wire
 * format.
 *
 * @param messageId {@code _msg_id} of the request
 * @param result JSON null when the method returned nothing
 * @param failure what went wrong; null when nothing did
 * @param ending false for a sign of life, after which more follows
 * @param uniqueId fresh for every message
 */
public record RpcReply(
        String messageId,
        JsonNode result,
        @Nullable RemoteFailure failure,
        boolean ending,
        String uniqueId) {
    /** The ids; no result, since some are secrets. */
    @Override
    public String toString() {
        return "reply to "
                + Fields.forLog(messageId)
                + (failure == null ? "" : ": " + Fields.forLog(failure.type()));
    }
}
