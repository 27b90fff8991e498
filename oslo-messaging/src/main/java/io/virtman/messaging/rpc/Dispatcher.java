package io.virtman.messaging.rpc;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.virtman.messaging.wire.RemoteFailure;
import io.virtman.messaging.wire.RpcRequest;
import java.util.List;

/**
 * Finds the method for a request: the first endpoint of the namespace, of a compatible version,
 * that has it. Source: {@code RPCDispatcher.dispatch} in {@code oslo_messaging/rpc/dispatcher.py}.
 */
final class Dispatcher {
    private static final String MODULE = "oslo_messaging.rpc.dispatcher";

    /** What was found. */
    sealed interface Found {
        record Method(RpcEndpoint.Method method) implements Found {}

        record Nothing(RemoteFailure failure) implements Found {}
    }

    private final List<RpcEndpoint> endpoints;

    Dispatcher(List<RpcEndpoint> endpoints) {
        this.endpoints = List.copyOf(endpoints);
    }

    Found find(RpcRequest request) {
        boolean compatible = false;
        for (RpcEndpoint endpoint : endpoints) {
            if (endpoint.serves(request.namespace(), request.version())) {
                compatible = true;
                RpcEndpoint.Method method = endpoint.method(request.method());
                if (method != null) {
                    return new Found.Method(method);
                }
            }
        }
        return new Found.Nothing(
                compatible
                        ? failure(
                                "NoSuchMethod",
                                "Endpoint does not support RPC method " + request.method())
                        : failure(
                                "UnsupportedVersion",
                                "Endpoint does not support RPC version "
                                        + request.version()
                                        + ". Attempted method: "
                                        + request.method()));
    }

    private static RemoteFailure failure(String type, String message) {
        return new RemoteFailure(
                type,
                MODULE,
                message,
                List.of(),
                List.of(TextNode.valueOf(message)),
                JsonNodeFactory.instance.objectNode());
    }
}
