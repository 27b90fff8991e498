package io.virtman.messaging.interop;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of whom, in no language. Immutable.
 *
 * @param topic of the servers
 * @param server the only one to ask; null for any
 * @param namespace of the endpoint; null for the default one
 * @param version wanted; null for what clients send by default
 * @param method its name
 * @param args by name
 * @param context attributes of the request context
 * @param timeout in seconds
 * @param monitor call monitor in seconds; null for none
 */
record Call(
        String topic,
        @Nullable String server,
        @Nullable String namespace,
        @Nullable String version,
        String method,
        Map<String, ?> args,
        Map<String, ?> context,
        int timeout,
        @Nullable Integer monitor) {
    private static final AtomicInteger TOPICS = new AtomicInteger();

    /** A name that no other test uses. */
    static String freshTopic() {
        return "topic-" + TOPICS.incrementAndGet();
    }

    static Call of(String topic, String method, Map<String, ?> args) {
        return new Call(topic, null, null, null, method, args, Map.of(), 20, null);
    }

    static Call of(String topic, String method) {
        return of(topic, method, Map.of());
    }

    Call server(String name) {
        return new Call(topic, name, namespace, version, method, args, context, timeout, monitor);
    }

    Call namespace(String name) {
        return new Call(topic, server, name, version, method, args, context, timeout, monitor);
    }

    Call version(String wanted) {
        return new Call(topic, server, namespace, wanted, method, args, context, timeout, monitor);
    }

    Call context(Map<String, ?> attributes) {
        return new Call(
                topic, server, namespace, version, method, args, attributes, timeout, monitor);
    }

    Call timeout(int seconds) {
        return new Call(topic, server, namespace, version, method, args, context, seconds, monitor);
    }

    Call monitor(int seconds) {
        return new Call(topic, server, namespace, version, method, args, context, timeout, seconds);
    }
}
