package io.virtman.messaging.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of an RPC server. Source: {@code oslo_messaging/rpc/client.py}, {@code
 * _drivers/amqpdriver.py}; section 1.2 of the wire format.
 *
 * @param method its name
 * @param args by name; may hold secrets
 * @param version {@code major.minor} that the caller wants
 * @param namespace of the endpoint; null for the default one
 * @param context on whose behalf
 * @param uniqueId fresh for every message, to recognise a message that arrives twice; null only for
 *     messages of senders that leave it out
 * @param replyTo where the caller waits; null for casts
 */
public record RpcRequest(
        String method,
        ObjectNode args,
        String version,
        @Nullable String namespace,
        RequestContext context,
        @Nullable String uniqueId,
        @Nullable ReplyTo replyTo) {
    /**
     * Where and how a caller waits.
     *
     * @param messageId {@code _msg_id}, which each reply repeats
     * @param queue {@code _reply_q}
     * @param monitorSeconds {@code _timeout}: the caller wants a sign of life at least this often;
     *     null, as for most calls, when it wants none and could not cope with one
     */
    public record ReplyTo(String messageId, String queue, @Nullable Integer monitorSeconds) {}

    /** Method, version and ids; no argument, since some are secrets. */
    @Override
    public String toString() {
        return Fields.forLog(method) + " " + Fields.forLog(version) + " [" + context + "]";
    }
}
