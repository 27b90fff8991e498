package io.virtman.messaging.rpc;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Methods of one interface, in one version. Source: endpoints in {@code
 * oslo_messaging/rpc/dispatcher.py}; what may be called is what was registered, there is no
 * reflection. Immutable.
 */
public final class RpcEndpoint {
    /** A method, and when its requests are acknowledged. */
    record Method(RpcMethod code, Acknowledgement acknowledgement) {}

    private final List<@Nullable String> namespaces;
    private final String version;
    private final Map<String, Method> methods;

    private RpcEndpoint(Builder builder) {
        namespaces =
                Stream.concat(Stream.of(new Name(builder.namespace)), builder.legacy.stream())
                        .<@Nullable String>map(Name::text)
                        .toList();
        version = builder.version;
        methods = Map.copyOf(builder.methods);
    }

    private record Name(@Nullable String text) {}

    /** Starts an endpoint of version 1.0 without namespace, acknowledged on receipt. */
    public static Builder builder() {
        return new Builder();
    }

    boolean serves(@Nullable String namespace, String wanted) {
        return namespaces.stream().anyMatch(name -> Objects.equals(name, namespace))
                && Versions.compatible(version, wanted);
    }

    @Nullable Method method(String name) {
        return methods.get(name);
    }

    /** Makes an endpoint. One thread at a time. */
    public static final class Builder {
        private final Map<String, Method> methods = new LinkedHashMap<>();
        private final List<Name> legacy = new java.util.ArrayList<>();
        private @Nullable String namespace;
        private String version = "1.0";
        private Acknowledgement acknowledgement = Acknowledgement.onReceipt();

        private Builder() {}

        /** The namespace that callers must name; none without this. */
        public Builder namespace(@Nullable String name) {
            namespace = name;
            return this;
        }

        /** A former namespace, still accepted ({@code legacy_namespaces} of Python's target). */
        public Builder legacyNamespace(@Nullable String name) {
            legacy.add(new Name(name));
            return this;
        }

        /**
         * The newest version that it implements, {@code major.minor}.
         *
         * @throws IllegalArgumentException when it is none
         */
        public Builder version(String newest) {
            version = Versions.check(newest);
            return this;
        }

        /** When requests of the methods registered from here on are acknowledged. */
        public Builder acknowledgement(Acknowledgement policy) {
            acknowledgement = policy;
            return this;
        }

        /**
         * Registers a method.
         *
         * @throws IllegalArgumentException when the name is taken, or begins with {@code _}, which
         *     Python never calls ({@code DefaultRPCAccessPolicy})
         */
        public Builder method(String name, RpcMethod code) {
            return method(name, acknowledgement, code);
        }

        /** The same with an acknowledgement of its own. */
        public Builder method(String name, Acknowledgement policy, RpcMethod code) {
            if (name.isEmpty() || name.startsWith("_")) {
                throw new IllegalArgumentException("no public method: '" + name + "'");
            }
            if (methods.putIfAbsent(name, new Method(code, policy)) != null) {
                throw new IllegalArgumentException("registered twice: " + name);
            }
            return this;
        }

        /** The endpoint. */
        public RpcEndpoint build() {
            return new RpcEndpoint(this);
        }
    }
}
