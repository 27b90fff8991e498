package io.virtman.messaging.interop;

import com.fasterxml.jackson.databind.JsonNode;
import io.virtman.messaging.testing.PythonPeer;
import io.virtman.messaging.testing.PythonPeerException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

/** Debian's python3-oslo.messaging. */
final class PythonSide implements Side {
    private final PythonPeer peer = PythonPeer.start();
    private final AtomicInteger names = new AtomicInteger();

    PythonPeer peer() {
        return peer;
    }

    private String fresh() {
        return "n" + names.incrementAndGet();
    }

    /** Opens a transport; the name to give to operations of the peer. */
    String open(Path configuration, String... allowed) {
        String name = fresh();
        peer.open(name, configuration, allowed);
        return name;
    }

    @Override
    public Caller caller(Path configuration, String... allowed) {
        return new PythonCaller(open(configuration, allowed));
    }

    @Override
    public Served serve(Path configuration, String topic, String server) {
        String name = fresh();
        String label = server + "@" + name;
        peer.request(
                "serve",
                Map.of(
                        "name", name,
                        "transport", open(configuration),
                        "topic", topic,
                        "server", server,
                        "label", label));
        return new PythonServed(name, label);
    }

    @Override
    public Notifying notifier(Path configuration) {
        String transport = open(configuration);
        return (enveloped, topic, priority, notice) ->
                peer.request(
                        "notify",
                        Map.of(
                                "transport",
                                transport,
                                "driver",
                                enveloped ? "messagingv2" : "messaging",
                                "topic",
                                topic,
                                "priority",
                                priority,
                                "publisher",
                                notice.publisher(),
                                "event_type",
                                notice.event(),
                                "payload",
                                notice.payload(),
                                "context",
                                notice.context()));
    }

    @Override
    public Heard listen(Path configuration, String topic, String pool, int requeues) {
        String name = fresh();
        Map<String, Object> with = new LinkedHashMap<>();
        with.put("name", name);
        with.put("transport", open(configuration));
        with.put("topic", topic);
        with.put("requeues", requeues);
        if (!pool.isEmpty()) {
            with.put("pool", pool);
        }
        peer.request("listen", with);
        return new PythonHeard(name);
    }

    @Override
    public void close() {
        peer.close();
    }

    private static CallFailure failure(PythonPeerException e) {
        if (e.bases().contains("MessagingTimeout")) {
            return new CallFailure(CallFailure.Kind.TIMEOUT, "", e.text(), e);
        }
        if (e.bases().contains("RemoteError")) {
            return new CallFailure(CallFailure.Kind.UNMAPPED, e.remoteType(), e.text(), e);
        }
        if (e.bases().contains("MessageDeliveryFailure")
                || e.bases().contains("MessageUndeliverable")) {
            return new CallFailure(CallFailure.Kind.NOT_SENT, "", e.text(), e);
        }
        String type = e.type().replaceAll("_Remote$", "");
        return new CallFailure(CallFailure.Kind.MAPPED, type, e.text(), e);
    }

    private final class PythonCaller implements Caller {
        private final String transport;

        PythonCaller(String transport) {
            this.transport = transport;
        }

        private Map<String, Object> with(Call call, boolean fanout) {
            Map<String, Object> target = new LinkedHashMap<>();
            target.put("topic", call.topic());
            target.put("server", call.server());
            target.put("namespace", call.namespace());
            target.put("version", call.version());
            target.put("fanout", fanout ? true : null);
            Map<String, Object> with = new LinkedHashMap<>();
            with.put("transport", transport);
            with.put("target", target);
            with.put("method", call.method());
            with.put("args", call.args());
            with.put("context", call.context());
            return with;
        }

        @Override
        public JsonNode call(Call call) {
            try {
                return start(call).join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof CallFailure failure ? failure : e;
            }
        }

        @Override
        public CompletableFuture<JsonNode> start(Call call) {
            Map<String, Object> with = with(call, false);
            with.put("timeout", call.timeout());
            with.put("monitor", call.monitor());
            return peer.submit("call", with)
                    .exceptionallyCompose(e ->
                            CompletableFuture.failedFuture(
                                    e instanceof PythonPeerException raised ? failure(raised) : e));
        }

        @Override
        public void cast(Call call) {
            peer.request("cast", with(call, false));
        }

        @Override
        public void fanout(Call call) {
            peer.request("cast", with(call, true));
        }
    }

    private final class PythonServed implements Served {
        private final String name;
        private final String label;

        PythonServed(String name, String label) {
            this.name = name;
            this.label = label;
        }

        @Override
        public int count(String method) {
            return peer.request("counts", Map.of("name", name)).path(method).asInt();
        }

        @Override
        public List<JsonNode> received() {
            return peer
                    .events("received", event -> event.path("server").asText().equals(label))
                    .stream()
                    .map(event -> event.path("value"))
                    .toList();
        }

        @Override
        public boolean waiting(String key) {
            return !peer.events(
                            "waiting",
                            event ->
                                    event.path("server").asText().equals(label)
                                            && event.path("key").asText().equals(key))
                    .isEmpty();
        }

        @Override
        public void release(String key) {
            peer.request("release", Map.of("name", name, "key", key));
        }

        @Override
        public void close() {
            peer.request("stop_server", Map.of("name", name));
        }
    }

    private final class PythonHeard implements Heard {
        private final String name;

        PythonHeard(String name) {
            this.name = name;
        }

        private List<JsonNode> events() {
            return peer.events("notified", event -> event.path("listener").asText().equals(name));
        }

        @Override
        public List<Notice> notices() {
            return events().stream()
                    .map(event ->
                            new Notice(
                                    event.path("publisher_id").asText(),
                                    event.path("event_type").asText(),
                                    event.path("payload"),
                                    event.path("context")))
                    .toList();
        }

        @Override
        public List<String> priorities() {
            return events().stream().map(event -> event.path("priority").asText()).toList();
        }

        @Override
        public void close() {
            peer.request("stop_listener", Map.of("name", name));
        }
    }
}
