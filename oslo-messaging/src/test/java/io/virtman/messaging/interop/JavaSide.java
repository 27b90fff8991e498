package io.virtman.messaging.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.messaging.notify.NotificationDriver;
import io.virtman.messaging.notify.NotificationFilter;
import io.virtman.messaging.notify.NotificationListener;
import io.virtman.messaging.notify.NotificationListenerBuilder;
import io.virtman.messaging.notify.NotificationPriority;
import io.virtman.messaging.notify.NotificationResult;
import io.virtman.messaging.notify.Notifier;
import io.virtman.messaging.rpc.Acknowledgement;
import io.virtman.messaging.rpc.RemoteException;
import io.virtman.messaging.rpc.RemoteExceptionMapper;
import io.virtman.messaging.rpc.RpcCall;
import io.virtman.messaging.rpc.RpcClient;
import io.virtman.messaging.rpc.RpcServer;
import io.virtman.messaging.rpc.RpcStatistics;
import io.virtman.messaging.rpc.Target;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.wire.RemoteFailure;
import io.virtman.messaging.wire.RequestContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** This library. */
final class JavaSide implements Side {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final List<AutoCloseable> opened = new CopyOnWriteArrayList<>();

    private JavaTransport open(Path configuration) {
        JavaTransport transport = JavaTransport.open(configuration);
        opened.add(transport);
        return transport;
    }

    @Override
    public Caller caller(Path configuration, String... allowed) {
        JavaTransport transport = open(configuration);
        RemoteExceptionMapper.Builder exceptions = RemoteExceptionMapper.builder();
        if (Arrays.asList(allowed).contains("peer_failures")) {
            exceptions.map("peer_failures", "VolumeNotFound", VolumeNotFoundException::new);
        }
        RpcClient client =
                RpcClient.builder(transport.transport())
                        .codec(transport.codec())
                        .exceptions(exceptions.build())
                        .build();
        opened.add(client);
        return new JavaCaller(client, transport.exchange());
    }

    @Override
    public JavaServed serve(Path configuration, String topic, String server) {
        return serve(configuration, topic, server, LIMIT);
    }

    /** A server that tries for so long to answer callers whose queue is gone. */
    JavaServed serve(Path configuration, String topic, String server, Duration retries) {
        JavaTransport transport = open(configuration);
        PeerEndpoints endpoints = new PeerEndpoints(server);
        RpcServer running =
                RpcServer.builder(transport.transport())
                        .codec(transport.codec())
                        .listen(Target.of(transport.exchange(), topic).withServer(server))
                        .endpoint(endpoints.standard(Acknowledgement.onReceipt()))
                        .endpoint(endpoints.admin())
                        .replyRetry(Duration.ofMillis(250), retries)
                        .start();
        JavaServed served = new JavaServed(running, endpoints);
        opened.add(served);
        return served;
    }

    @Override
    public Notifying notifier(Path configuration) {
        JavaTransport transport = open(configuration);
        return (enveloped, topic, priority, notice) -> {
            Notifier notifier =
                    Notifier.builder(transport.transport(), notice.publisher())
                            .exchange(transport.exchange())
                            .codec(transport.codec())
                            .topics(List.of(topic))
                            .driver(
                                    enveloped
                                            ? NotificationDriver.MESSAGINGV2
                                            : NotificationDriver.MESSAGING)
                            .limit(LIMIT)
                            .build();
            notifier.send(
                            RequestContext.of((ObjectNode) notice.context()),
                            NotificationPriority.of(priority).orElseThrow(),
                            notice.event(),
                            notice.payload())
                    .join();
            if (notifier.close(LIMIT) != 0) {
                throw new AssertionError("not confirmed");
            }
        };
    }

    @Override
    public Heard listen(Path configuration, String topic, String pool, int requeues) {
        JavaTransport transport = open(configuration);
        List<Notice> notices = new CopyOnWriteArrayList<>();
        List<String> priorities = new CopyOnWriteArrayList<>();
        AtomicInteger back = new AtomicInteger(requeues);
        NotificationListenerBuilder builder =
                NotificationListener.builder(transport.transport())
                        .target(transport.exchange(), topic)
                        .on(
                                EnumSet.of(NotificationPriority.INFO, NotificationPriority.ERROR),
                                NotificationFilter.ALL,
                                heard -> {
                                    notices.add(
                                            new Notice(
                                                    heard.publisherId(),
                                                    heard.eventType(),
                                                    heard.payload(),
                                                    heard.context().attributes()));
                                    priorities.add(
                                            NotificationPriority.of(heard.priority())
                                                    .orElseThrow()
                                                    .queueSuffix());
                                    return back.getAndDecrement() > 0
                                            ? NotificationResult.REQUEUE
                                            : NotificationResult.HANDLED;
                                });
        if (!pool.isEmpty()) {
            builder.pool(pool);
        }
        NotificationListener listener = builder.start(LIMIT);
        Heard heard = new JavaHeard(listener, notices, priorities);
        opened.add(heard);
        return heard;
    }

    @Override
    public void close() {
        for (AutoCloseable each : opened.reversed()) {
            try {
                each.close();
            } catch (Exception e) {
                throw new AssertionError("closing failed", e);
            }
        }
    }

    /** What this program has for Python's exception of that name. */
    static final class VolumeNotFoundException extends RuntimeException {
        private static final long serialVersionUID = 1;

        VolumeNotFoundException(RemoteFailure failure) {
            super(failure.message());
        }
    }

    private static CallFailure failure(Throwable e) {
        String text = String.valueOf(e.getMessage());
        return switch (e) {
            case MessagingException.Timeout _ ->
                    new CallFailure(CallFailure.Kind.TIMEOUT, "", text, e);
            case RemoteException remote ->
                    new CallFailure(
                            CallFailure.Kind.UNMAPPED, remote.failure().type(), text, remote);
            case VolumeNotFoundException _ ->
                    new CallFailure(CallFailure.Kind.MAPPED, "VolumeNotFound", text, e);
            case MessagingException _ -> new CallFailure(CallFailure.Kind.NOT_SENT, "", text, e);
            default -> throw new AssertionError("unexpected", e);
        };
    }

    private record JavaCaller(RpcClient client, String exchange) implements Caller {
        private Target target(Call call) {
            Target target = Target.of(exchange, call.topic()).withNamespace(call.namespace());
            if (call.server() != null) {
                target = target.withServer(call.server());
            }
            return call.version() == null ? target : target.withVersion(call.version());
        }

        private static RpcCall.Builder builder(Call call) {
            return RpcCall.of(call.method())
                    .args(RpcContract.JSON.<ObjectNode>valueToTree(call.args()))
                    .context(
                            RequestContext.of(
                                    RpcContract.JSON.<ObjectNode>valueToTree(call.context())))
                    .timeout(Duration.ofSeconds(call.timeout()));
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
            RpcCall.Builder builder = builder(call);
            if (call.monitor() != null) {
                builder.callMonitorTimeout(Duration.ofSeconds(call.monitor()));
            }
            return client.callAsync(target(call), builder.build())
                    .exceptionallyCompose(e -> CompletableFuture.failedFuture(failure(e)));
        }

        @Override
        public void cast(Call call) {
            client.cast(target(call), builder(call).build());
        }

        @Override
        public void fanout(Call call) {
            client.cast(target(call).withFanout(), builder(call).build());
        }
    }

    /** A server of ours. */
    record JavaServed(RpcServer server, PeerEndpoints endpoints) implements Served {
        RpcStatistics statistics() {
            return server.statistics();
        }

        @Override
        public int count(String method) {
            return endpoints.count(method);
        }

        @Override
        public List<JsonNode> received() {
            return endpoints.received();
        }

        @Override
        public boolean waiting(String key) {
            return endpoints.waiting(key);
        }

        @Override
        public void release(String key) {
            endpoints.release(key);
        }

        @Override
        public void close() {
            server.close();
        }
    }

    private record JavaHeard(
            NotificationListener listener, List<Notice> notices, List<String> priorities)
            implements Heard {
        @Override
        public void close() {
            if (!listener.close(Duration.ofSeconds(5))) {
                throw new AssertionError("the listener does not end");
            }
        }
    }
}
