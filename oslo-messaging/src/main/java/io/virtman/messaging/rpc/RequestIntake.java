package io.virtman.messaging.rpc;

import com.fasterxml.jackson.databind.node.NullNode;
import io.virtman.messaging.transport.Delivery;
import io.virtman.messaging.wire.MalformedMessageException;
import io.virtman.messaging.wire.RemoteFailure;
import io.virtman.messaging.wire.RpcReply;
import io.virtman.messaging.wire.RpcRequest;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a delivery and decides what becomes of it. What cannot be carried out is dealt with here
 * and answered if it can be. One thread.
 */
final class RequestIntake {
    private final ServerParts parts;
    private final Dispatcher dispatcher;

    RequestIntake(ServerParts parts, Dispatcher dispatcher) {
        this.parts = parts;
        this.dispatcher = dispatcher;
    }

    /** What is to be carried out; null when the delivery has been dealt with. */
    @Nullable RequestExecution take(Delivery delivery) {
        RpcRequest request;
        try {
            request = parts.codec().decodeRequest(delivery.message());
        } catch (MalformedMessageException e) {
            malformed(delivery, e);
            return null;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            malformed(delivery, new MalformedMessageException("unreadable: " + e.getClass(), null));
            return null;
        }
        Duty duty = parts.duplicates().begin(request.uniqueId(), delivery);
        if (duty == null) {
            parts.counters().duplicates.increment();
            log(
                    System.Logger.Level.INFO,
                    "duplicate",
                    () -> LogText.of(request) + " arrived twice");
            return null;
        }
        return switch (dispatcher.find(request)) {
            case Dispatcher.Found.Method(RpcEndpoint.Method method) ->
                    new RequestExecution(parts, request, method, delivery, duty);
            case Dispatcher.Found.Nothing(RemoteFailure failure) -> {
                unknown(request, duty, failure);
                yield null;
            }
        };
    }

    private void unknown(RpcRequest request, Duty duty, RemoteFailure failure) {
        parts.counters().unknownMethods.increment();
        parts.duplicates().finish(request.uniqueId());
        duty.reject(false);
        log(
                System.Logger.Level.WARNING,
                "unknown method",
                () -> LogText.of(request) + " refused: " + LogText.of(failure.type()));
        RpcRequest.ReplyTo caller = request.replyTo();
        if (caller != null) {
            fail(caller.queue(), caller.messageId(), failure, LogText.of(request));
        }
    }

    private void malformed(Delivery delivery, MalformedMessageException e) {
        parts.counters().malformed.increment();
        delivery.reject(false);
        MalformedMessageException.@Nullable Salvage salvage = e.salvage();
        String method = salvage == null ? null : salvage.method();
        String requestId = salvage == null ? null : salvage.requestId();
        String logText = LogText.of(method) + " [" + LogText.of(requestId) + "]";
        log(
                System.Logger.Level.WARNING,
                "malformed request",
                () -> "malformed request " + logText + ": " + LogText.of(e.getMessage()));
        String queue = salvage == null ? null : salvage.replyQueue();
        String messageId = salvage == null ? null : salvage.messageId();
        if (queue != null && messageId != null) {
            fail(queue, messageId, Failures.of(e), logText);
        }
    }

    private void fail(String queue, String messageId, RemoteFailure failure, String logText) {
        RpcReply reply =
                new RpcReply(messageId, NullNode.getInstance(), failure, true, MessageIds.fresh());
        parts.replies()
                .send(
                        new ReplySender.Reply(
                                queue, messageId, parts.codec().encode(reply), logText));
    }

    private void log(System.Logger.Level level, String kind, Supplier<String> line) {
        parts.log().log(level, kind, line);
    }
}
