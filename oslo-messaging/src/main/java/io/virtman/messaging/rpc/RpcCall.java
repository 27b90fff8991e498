package io.virtman.messaging.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.messaging.transport.Transport;
import io.virtman.messaging.wire.RequestContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a server, and how long the caller waits. Source: {@code prepare} and {@code
 * call} in {@code oslo_messaging/rpc/client.py}.
 *
 * @param method its name
 * @param args by name; may hold secrets. Not to be changed any more.
 * @param context on whose behalf
 * @param timeout how long a call or a cast may take altogether; null for what the client has
 * @param callMonitorTimeout the server must give a sign of life at least this often, or the call
 *     fails; at least 2 s, sent in whole seconds. Null, as for most calls, to ask for none.
 * @param routing {@code MANDATORY} to fail at once when nobody listens ({@code at_least_once} of
 *     Python's transport options)
 */
public record RpcCall(
        String method,
        ObjectNode args,
        RequestContext context,
        @Nullable Duration timeout,
        @Nullable Duration callMonitorTimeout,
        Transport.Routing routing) {
    /** The longest time-out: seven days. */
    public static final Duration LONGEST = Duration.ofDays(7);

    private static final Duration SHORTEST_MONITOR = Duration.ofSeconds(2);

    /**
     * Checks the time-outs.
     *
     * @throws IllegalArgumentException when one is out of range, or the method has no name
     */
    public RpcCall {
        if (method.isEmpty()) {
            throw new IllegalArgumentException("method must not be empty");
        }
        if (timeout != null) {
            checkTimeout(timeout);
        }
        if (callMonitorTimeout != null
                && (callMonitorTimeout.compareTo(SHORTEST_MONITOR) < 0
                        || callMonitorTimeout.compareTo(LONGEST) > 0)) {
            throw new IllegalArgumentException(
                    "call monitor timeout must be 2 s to 7 days: " + callMonitorTimeout);
        }
    }

    static Duration checkTimeout(Duration timeout) {
        if (!timeout.isPositive() || timeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "timeout must be positive and at most 7 days: " + timeout);
        }
        return timeout;
    }

    /** Starts a call of that method, without arguments. */
    public static Builder of(String method) {
        return new Builder(method);
    }

    /** Names the method; no argument, since some are secrets. */
    @Override
    public String toString() {
        return LogText.of(method) + " " + LogText.of(context);
    }

    /** Makes an {@link RpcCall}. One thread at a time. */
    public static final class Builder {
        private final String method;
        private final ObjectNode args = JsonNodeFactory.instance.objectNode();
        private RequestContext context = RequestContext.empty();
        private @Nullable Duration timeout;
        private @Nullable Duration callMonitorTimeout;
        private Transport.Routing routing = Transport.Routing.OPTIONAL;

        private Builder(String method) {
            this.method = method;
        }

        /** Adds an argument; null is JSON's null. */
        public Builder arg(String name, @Nullable JsonNode value) {
            args.set(name, value);
            return this;
        }

        /** Adds a text. */
        public Builder arg(String name, @Nullable String value) {
            args.put(name, value);
            return this;
        }

        /** Adds a number. */
        public Builder arg(String name, long value) {
            args.put(name, value);
            return this;
        }

        /** Adds a truth value. */
        public Builder arg(String name, boolean value) {
            args.put(name, value);
            return this;
        }

        /** Adds all of them, which are copied. */
        public Builder args(ObjectNode named) {
            args.setAll(named.deepCopy());
            return this;
        }

        /** On whose behalf; without this the context is empty. */
        public Builder context(RequestContext other) {
            context = other;
            return this;
        }

        /** How long it may take; more than zero, at most seven days. */
        public Builder timeout(Duration limit) {
            timeout = limit;
            return this;
        }

        /** Asks for signs of life at least this often; at least 2 s. */
        public Builder callMonitorTimeout(Duration limit) {
            callMonitorTimeout = limit;
            return this;
        }

        /** Fails at once when nobody listens. */
        public Builder mandatory() {
            routing = Transport.Routing.MANDATORY;
            return this;
        }

        /**
         * The call.
         *
         * @throws IllegalArgumentException when a time-out is out of range
         */
        public RpcCall build() {
            return new RpcCall(
                    method, args.deepCopy(), context, timeout, callMonitorTimeout, routing);
        }
    }
}
