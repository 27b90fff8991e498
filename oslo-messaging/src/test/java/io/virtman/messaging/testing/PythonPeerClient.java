package io.virtman.messaging.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * An {@code oslo_messaging.RPCClient} of a {@link PythonPeer}, prepared for a target. Immutable.
 *
 * @param peer whose client
 * @param transport that was opened there
 * @param target as {@code oslo_messaging.Target} takes it
 * @param timeout in seconds; null for {@code rpc_response_timeout}
 * @param monitor {@code call_monitor_timeout} in seconds; null for none
 */
public record PythonPeerClient(
        PythonPeer peer,
        String transport,
        Map<String, Object> target,
        @Nullable Double timeout,
        @Nullable Integer monitor) {
    /** A client of any server of the topic. */
    public PythonPeerClient(PythonPeer peer, String transport, String topic) {
        this(peer, transport, Map.of("topic", topic), null, null);
    }

    /** The same with another attribute of the target, e.g. {@code version}. */
    public PythonPeerClient with(String attribute, Object value) {
        Map<String, Object> changed = new LinkedHashMap<>(target);
        changed.put(attribute, value);
        return new PythonPeerClient(peer, transport, changed, timeout, monitor);
    }

    /** The same, waiting so many seconds. */
    public PythonPeerClient timeout(double seconds) {
        return new PythonPeerClient(peer, transport, target, seconds, monitor);
    }

    /** The same, wanting a sign of life at least that often. */
    public PythonPeerClient monitor(int seconds) {
        return new PythonPeerClient(peer, transport, target, timeout, seconds);
    }

    /** Calls and returns the result; throws {@link PythonPeerException}. */
    public JsonNode call(String method, Map<String, ?> args) {
        return peer.await(method, start(method, args));
    }

    /** The same without waiting. */
    public CompletableFuture<JsonNode> start(String method, Map<String, ?> args) {
        return peer.submit("call", operation(method, args));
    }

    /** Casts; to all servers when the target has {@code fanout}. */
    public void cast(String method, Map<String, ?> args) {
        peer.request("cast", operation(method, args));
    }

    /** All that a call is told, for operations that take more. */
    public Map<String, Object> operation(String method, Map<String, ?> args) {
        Map<String, Object> with = new LinkedHashMap<>();
        with.put("transport", transport);
        with.put("target", target);
        with.put("method", method);
        with.put("args", args);
        if (timeout != null) {
            with.put("timeout", timeout);
        }
        if (monitor != null) {
            with.put("monitor", monitor);
        }
        return with;
    }
}
