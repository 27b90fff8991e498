package io.virtman.messaging.rpc;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.virtman.messaging.wire.RemoteFailure;
import java.util.List;

/** What a caller is told about an exception; the one mapping of Java's exceptions to the wire. */
final class Failures {
    private Failures() {}

    /** Class, package and message; the stack trace stays in the server's log. */
    static RemoteFailure of(Throwable error) {
        if (error instanceof RpcFault fault) {
            return fault.failure();
        }
        Class<?> type = error.getClass();
        String module = type.getPackageName();
        String message = error.getMessage() == null ? "" : error.getMessage();
        return new RemoteFailure(
                module.isEmpty() ? type.getName() : type.getName().substring(module.length() + 1),
                module,
                message,
                List.of(),
                List.of(TextNode.valueOf(message)),
                JsonNodeFactory.instance.objectNode());
    }
}
