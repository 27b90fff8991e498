package io.virtman.messaging.rpc;

import io.virtman.messaging.wire.RemoteFailure;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Which exceptions of servers the program wants as exceptions of its own: the counterpart of {@code
 * allowed_remote_exmods} in {@code oslo_messaging/_drivers/common.py}, {@code
 * deserialize_remote_exception}. It is a table the program fills with constructors; no class is
 * ever looked up by a name that came over the wire. Immutable; any thread.
 */
public final class RemoteExceptionMapper {
    private static final System.Logger LOG =
            System.getLogger(RemoteExceptionMapper.class.getName());
    private static final RemoteExceptionMapper NONE = new RemoteExceptionMapper(Map.of());

    private record Name(String module, String type) {
        /** Python 2 called the module of its own exceptions differently. */
        private static Name of(String module, String type) {
            return new Name(module.equals("exceptions") ? "builtins" : module, type);
        }
    }

    private final Map<Name, Function<RemoteFailure, ? extends RuntimeException>> constructors;

    private RemoteExceptionMapper(
            Map<Name, Function<RemoteFailure, ? extends RuntimeException>> constructors) {
        this.constructors = Map.copyOf(constructors);
    }

    /** Every failure becomes a {@link RemoteException}. */
    public static RemoteExceptionMapper none() {
        return NONE;
    }

    /** Starts an empty table. */
    public static Builder builder() {
        return new Builder();
    }

    /** The program's exception, or a {@link RemoteException}. */
    RuntimeException toException(RemoteFailure failure) {
        Function<RemoteFailure, ? extends RuntimeException> constructor =
                constructors.get(Name.of(failure.module(), failure.type()));
        if (constructor != null) {
            try {
                return constructor.apply(failure);
            } catch (RuntimeException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "no exception could be made of " + LogText.of(failure.type()),
                        e);
            }
        }
        return new RemoteException(failure);
    }

    /** Fills the table. One thread at a time. */
    public static final class Builder {
        private final Map<Name, Function<RemoteFailure, ? extends RuntimeException>> constructors =
                new LinkedHashMap<>();

        private Builder() {}

        /**
         * Adds or replaces an entry.
         *
         * @param module as the server names it, e.g. {@code cinder.exception}
         * @param type class name without module
         * @param constructor makes the exception that the call then throws
         */
        public Builder map(
                String module,
                String type,
                Function<RemoteFailure, ? extends RuntimeException> constructor) {
            constructors.put(Name.of(module, type), constructor);
            return this;
        }

        /** The table as it is now. */
        public RemoteExceptionMapper build() {
            return new RemoteExceptionMapper(constructors);
        }
    }
}
