package io.virtman.messaging.rpc;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.virtman.messaging.testing.MemoryTransport;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.Transport;
import io.virtman.messaging.wire.MessageCodec;
import io.virtman.messaging.wire.RequestContext;
import io.virtman.messaging.wire.RpcReply;
import io.virtman.messaging.wire.RpcRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Speaks to a server message by message, and keeps what comes back. */
final class RawCaller {
    static final String QUEUE = "reply_0123456789abcdef0123456789abcdef";
    static final Duration LIMIT = Duration.ofSeconds(10);

    private final MessageCodec codec = new MessageCodec(RpcServerBuilder.MAXIMUM_BYTES);
    private final BlockingQueue<RpcReply> replies = new LinkedBlockingQueue<>();
    private final MemoryTransport transport;
    private Transport.@Nullable Subscription subscription;

    RawCaller(MemoryTransport transport) {
        this.transport = transport;
        listen();
    }

    void listen() {
        subscription =
                transport.subscribe(
                        List.of(new Address.Reply(QUEUE)),
                        10,
                        delivery -> {
                            delivery.acknowledge();
                            replies.add(codec.decodeReply(delivery.message()));
                        },
                        LIMIT);
    }

    void vanish() {
        if (subscription != null) {
            subscription.close();
        }
    }

    static RpcRequest cast(String method, @Nullable String uniqueId) {
        return new RpcRequest(
                method,
                JsonNodeFactory.instance.objectNode(),
                "1.0",
                null,
                RequestContext.of(JsonNodeFactory.instance.objectNode().put("request_id", "req-1")),
                uniqueId,
                null);
    }

    static RpcRequest call(String method, String messageId, @Nullable Integer monitorSeconds) {
        RpcRequest cast = cast(method, MessageIds.fresh());
        return new RpcRequest(
                cast.method(),
                cast.args(),
                cast.version(),
                cast.namespace(),
                cast.context(),
                cast.uniqueId(),
                new RpcRequest.ReplyTo(messageId, QUEUE, monitorSeconds));
    }

    void send(Address to, RpcRequest request) {
        send(to, codec.encode(request, null));
    }

    void send(Address to, String body) {
        send(to, Message.json(body.getBytes(StandardCharsets.UTF_8), null));
    }

    void send(Address to, Message message) {
        transport.send(to, message, Transport.Routing.MANDATORY, LIMIT).join();
    }

    RpcReply reply() throws InterruptedException {
        RpcReply reply = replies.poll(20, TimeUnit.SECONDS);
        if (reply == null) {
            throw new AssertionError("no reply");
        }
        return reply;
    }

    int repliesLeft() {
        return replies.size();
    }
}
