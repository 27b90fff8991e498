package io.virtman.messaging.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.virtman.messaging.wire.RemoteFailure;
import java.util.List;

/**
 * A failure that the caller is to see as an exception of its own: Python callers rebuild {@code
 * module.type(*args, **kwargs)} if they allow that module ({@code deserialize_remote_exception} in
 * {@code oslo_messaging/_drivers/common.py}). An expected one: it is logged without stack trace, as
 * {@code ExpectedException} in {@code rpc/dispatcher.py}.
 */
public final class RpcFault extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient RemoteFailure failure;

    /** The fault with these data. */
    public RpcFault(RemoteFailure failure) {
        super(failure.message());
        this.failure = failure;
    }

    /**
     * A fault whose only positional argument is the message.
     *
     * @param module e.g. {@code cinder.exception}
     * @param type e.g. {@code VolumeNotFound}
     * @param message the full text
     */
    public static RpcFault of(String module, String type, String message) {
        return new RpcFault(
                new RemoteFailure(
                        type,
                        module,
                        message,
                        List.of(),
                        List.of(TextNode.valueOf(message)),
                        JsonNodeFactory.instance.objectNode()));
    }

    /** The same with one more named argument, e.g. {@code volume_id} or {@code code}. */
    public RpcFault with(String name, JsonNode value) {
        ObjectNode kwargs = failure.kwargs().deepCopy();
        kwargs.set(name, value);
        return new RpcFault(
                new RemoteFailure(
                        failure.type(),
                        failure.module(),
                        failure.message(),
                        failure.traceback(),
                        failure.args(),
                        kwargs));
    }

    /** What the caller gets. */
    public RemoteFailure failure() {
        return failure;
    }
}
