package io.virtman.messaging.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.virtman.messaging.transport.Delivery;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.wire.RemoteFailure;
import io.virtman.messaging.wire.RpcReply;
import io.virtman.messaging.wire.RpcRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way: acknowledged, carried out, answered. Source: {@code _process_incoming} in
 * {@code oslo_messaging/rpc/server.py}. Runs on a thread of its own.
 *
 * <pre>
 *   on receipt:        acknowledge - run - reply
 *                         \ came by a lost connection: nothing; it comes again
 *   after journal:     journal - acknowledge - run - reply
 *                         \ failed: later requeue, or fail - reject - reply
 *   after completion:  run - acknowledge - reply
 *                         \ interrupted by the end of the server: nothing; it comes again
 * </pre>
 */
final class RequestExecution implements Runnable {
    private static final System.Logger LOG = System.getLogger(RpcServer.class.getName());

    private final ServerParts parts;
    private final RpcRequest request;
    private final RpcEndpoint.Method method;
    private final Delivery delivery;
    private final Duty duty;
    private volatile boolean abandoned;

    RequestExecution(
            ServerParts parts,
            RpcRequest request,
            RpcEndpoint.Method method,
            Delivery delivery,
            Duty duty) {
        this.parts = parts;
        this.request = request;
        this.method = method;
        this.delivery = delivery;
        this.duty = duty;
    }

    /** Whether the broker still waits for it. */
    boolean isUnsettled() {
        return !duty.isSettled();
    }

    /** The server ends and cannot wait: what fails from now on was interrupted. */
    void abandon() {
        abandoned = true;
    }

    @Override
    public void run() {
        Heartbeat heartbeat =
                Heartbeat.start(request.replyTo(), parts.codec(), parts.replies(), parts.timers());
        boolean stopped = false;
        try {
            if (!isAdmitted()) {
                return;
            }
            parts.counters().dispatched.increment();
            Message reply = carryOut();
            if (reply == null) {
                return;
            }
            parts.duplicates().finish(request.uniqueId());
            duty.acknowledge();
            boolean interrupted = Thread.interrupted(); // was meant for the method, not for this
            if (heartbeat != null) {
                heartbeat.stop();
                stopped = true;
            }
            reply(reply);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        } catch (RuntimeException | Error e) { // e.g. no memory for the reply: do not keep it
            parts.duplicates().finish(request.uniqueId());
            duty.reject(false);
            throw e;
        } finally {
            if (heartbeat != null && !stopped) {
                heartbeat.stop();
            }
        }
    }

    /** Acknowledges a request that is to be before it is carried out. */
    private boolean isAdmitted() {
        switch (method.acknowledgement()) {
            case Acknowledgement.OnReceipt _ -> {
                if (!duty.acknowledgeFirst()) {
                    giveBack();
                    return false;
                }
            }
            case Acknowledgement.AfterCompletion _ -> {}
            case Acknowledgement.AfterJournal(RequestJournal journal) -> {
                try {
                    journal.write(request);
                } catch (
                        Throwable e) { // of a program's code: also an Error must not end the server
                    journalFailed(e);
                    return false;
                }
                parts.journalRetries().forget(request.uniqueId());
                duty.acknowledge();
            }
        }
        return true;
    }

    private void journalFailed(Throwable error) {
        if (abandoned) {
            return; // it goes back to the broker with all that the server leaves behind
        }
        Duration pause = parts.journalRetries().spend(request, delivery);
        parts.log().log(
                System.Logger.Level.ERROR,
                "journal",
                () ->
                        LogText.of(request)
                                + " was not journalled, "
                                + (pause != null ? "to be delivered again: " : "given up: ")
                                + LogText.of(error.toString()));
        if (pause != null) {
            parts.counters().requeued.increment();
            parts.timers().after(pause, this::giveBack);
        } else {
            parts.counters().failed.increment();
            parts.duplicates().finish(request.uniqueId());
            duty.reject(false);
            Message reply = encode(Failures.of(error));
            Thread.interrupted(); // so that the reply gets out
            reply(reply);
        }
    }

    /** First forgets it, so that a copy that comes from now on is carried out. */
    void giveBack() {
        parts.duplicates().forget(request.uniqueId());
        duty.reject(true);
    }

    /** The encoded reply; null when the request is to be carried out again by another server. */
    private @Nullable Message carryOut() {
        try {
            JsonNode result = method.code().handle(request);
            Message reply = encode(result == null ? NullNode.getInstance() : result, null);
            parts.counters().succeeded.increment();
            return reply;
        } catch (RpcFault e) {
            parts.counters().expectedFailures.increment();
            LOG.log(
                    System.Logger.Level.INFO,
                    () -> LogText.of(request) + " failed: " + LogText.of(e.failure().toString()));
            return encode(e.failure());
        } catch (Throwable e) { // of a program's code: also an Error must not end the server
            parts.counters().failed.increment();
            if (abandoned && isUnsettled()) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        () -> LogText.of(request) + " was interrupted, to be delivered again");
                parts.duplicates().forget(request.uniqueId());
                return null;
            }
            LOG.log(System.Logger.Level.ERROR, LogText.of(request) + " failed", e);
            return encode(Failures.of(e));
        }
    }

    private Message encode(RemoteFailure failure) {
        try {
            return encode(NullNode.getInstance(), failure);
        } catch (RuntimeException | StackOverflowError e) { // its arguments are a program's
            return encode(NullNode.getInstance(), Failures.of(e));
        }
    }

    /** A cast is encoded as well: what is no JSON is a mistake in either case. */
    private Message encode(JsonNode result, @Nullable RemoteFailure failure) {
        RpcRequest.ReplyTo caller = request.replyTo();
        String messageId = caller == null ? "" : caller.messageId();
        return parts.codec()
                .encode(new RpcReply(messageId, result, failure, true, MessageIds.fresh()));
    }

    private void reply(Message message) {
        RpcRequest.ReplyTo caller = request.replyTo();
        if (caller != null) {
            parts.replies()
                    .send(
                            new ReplySender.Reply(
                                    caller.queue(),
                                    caller.messageId(),
                                    message,
                                    LogText.of(request)));
        }
    }
}
