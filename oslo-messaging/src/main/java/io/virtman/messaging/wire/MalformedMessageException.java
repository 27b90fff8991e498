package io.virtman.messaging.wire;

import io.virtman.messaging.transport.MessagingException;
import org.jspecify.annotations.Nullable;

/** Bytes that are no message of ours. Says what is wrong with them, and what can still be told. */
public final class MalformedMessageException extends MessagingException {
    private static final long serialVersionUID = 1;

    private final transient @Nullable Salvage salvage;

    /** Names the rule that was broken. */
    public MalformedMessageException(String message, @Nullable Salvage salvage) {
        super(message);
        this.salvage = salvage;
    }

    /** What could be read in spite of it; null when nothing could. */
    public @Nullable Salvage salvage() {
        return salvage;
    }

    /**
     * What could be read of a bad message, to answer and to log it.
     *
     * @param messageId {@code _msg_id}, of a call or a reply
     * @param replyQueue {@code _reply_q}, of a call
     * @param requestId {@code _context_request_id}
     * @param method its name
     */
    public record Salvage(
            @Nullable String messageId,
            @Nullable String replyQueue,
            @Nullable String requestId,
            @Nullable String method) {}
}
