package io.virtman.messaging.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.virtman.messaging.rpc.Acknowledgement;
import io.virtman.messaging.rpc.RpcEndpoint;
import io.virtman.messaging.rpc.RpcFault;
import io.virtman.messaging.rpc.RpcMethod;
import io.virtman.messaging.wire.RemoteFailure;
import io.virtman.messaging.wire.RpcRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** In Java what {@code peer_roles.py} has in Python. */
final class PeerEndpoints {
    private final String server;
    private final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
    private final List<JsonNode> received = new CopyOnWriteArrayList<>();
    private final Set<String> waiting = ConcurrentHashMap.newKeySet();
    private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();

    PeerEndpoints(String server) {
        this.server = server;
    }

    int count(String method) {
        AtomicInteger count = counts.get(method);
        return count == null ? 0 : count.get();
    }

    List<JsonNode> received() {
        return received;
    }

    boolean waiting(String key) {
        return waiting.contains(key);
    }

    void release(String key) {
        gate(key).countDown();
    }

    private CountDownLatch gate(String key) {
        return gates.computeIfAbsent(key, _ -> new CountDownLatch(1));
    }

    RpcEndpoint standard(Acknowledgement acknowledgement) {
        RpcEndpoint.Builder endpoint =
                RpcEndpoint.builder().version("1.5").acknowledgement(acknowledgement);
        add(endpoint, "echo", request -> only(request, "value").get("value"));
        add(endpoint, "add", request -> sum(only(request, "a", "b")));
        add(endpoint, "nothing", request -> only(request).get("nothing"));
        add(endpoint, "context", request -> request.context().attributes());
        add(endpoint, "whoami", _ -> TextNode.valueOf(server));
        add(
                endpoint,
                "big",
                request -> TextNode.valueOf("x".repeat(only(request, "size").get("size").asInt())));
        add(
                endpoint,
                "length",
                request -> IntNode.valueOf(only(request, "value").get("value").asText().length()));
        add(endpoint, "record", this::store);
        add(endpoint, "fail_with", PeerEndpoints::fail);
        add(endpoint, "wait_for", this::await);
        add(endpoint, "slow", PeerEndpoints::linger);
        return endpoint.build();
    }

    RpcEndpoint admin() {
        return RpcEndpoint.builder()
                .namespace("admin")
                .version("2.3")
                .method("whoami", _ -> TextNode.valueOf("admin of " + server))
                .build();
    }

    private void add(RpcEndpoint.Builder endpoint, String name, RpcMethod method) {
        endpoint.method(
                name,
                request -> {
                    counts.computeIfAbsent(name, _ -> new AtomicInteger()).incrementAndGet();
                    return method.handle(request);
                });
    }

    /** The arguments, which must be these and no others. */
    private static ObjectNode only(RpcRequest request, String... names) {
        if (!request.args()
                        .propertyStream()
                        .map(Map.Entry::getKey)
                        .toList()
                        .containsAll(List.of(names))
                || request.args().size() != names.length) {
            throw new IllegalArgumentException("wrong arguments");
        }
        return request.args();
    }

    private static JsonNode sum(ObjectNode args) {
        return DecimalNode.valueOf(args.get("a").decimalValue().add(args.get("b").decimalValue()));
    }

    private JsonNode store(RpcRequest request) {
        received.add(only(request, "value").get("value"));
        return JsonNodeFactory.instance.nullNode();
    }

    private static JsonNode fail(RpcRequest request) {
        JsonNode kwargs = request.args().path("kwargs");
        String message = "Volume " + kwargs.path("volume_id").asText() + " could not be found.";
        List<JsonNode> args = new ArrayList<>();
        args.add(TextNode.valueOf(message));
        ObjectNode named = JsonNodeFactory.instance.objectNode();
        kwargs.properties().forEach(member -> named.set(member.getKey(), member.getValue()));
        throw new RpcFault(
                new RemoteFailure(
                        request.args().path("name").asText(),
                        request.args().path("module").asText(),
                        message,
                        List.of("line one\n", "line two\n"),
                        args,
                        named));
    }

    private JsonNode await(RpcRequest request) throws InterruptedException {
        String key = only(request, "key").get("key").asText();
        waiting.add(key);
        return BooleanNode.valueOf(gate(key).await(60, TimeUnit.SECONDS));
    }

    private static JsonNode linger(RpcRequest request) throws InterruptedException {
        boolean told =
                new CountDownLatch(1)
                        .await(only(request, "seconds").get("seconds").asInt(), TimeUnit.SECONDS);
        return TextNode.valueOf(told ? "told" : "done");
    }
}
