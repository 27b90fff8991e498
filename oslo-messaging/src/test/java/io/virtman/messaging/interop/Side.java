package io.virtman.messaging.interop;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One language's half of a conversation: the same things done with its own library. */
interface Side extends AutoCloseable {
    /**
     * A caller configured by this file.
     *
     * @param allowed modules of exceptions it may build again
     */
    Caller caller(Path configuration, String... allowed);

    /**
     * A server with the endpoints that {@code peer_roles.py} describes: version 1.5 of the default
     * namespace, version 2.3 of {@code admin}.
     */
    Served serve(Path configuration, String topic, String server);

    /** A notifier configured by this file. */
    Notifying notifier(Path configuration);

    /**
     * Listens to the priorities {@code info} and {@code error}.
     *
     * @param pool to share them with; empty for none
     * @param requeues how many messages to give back first
     */
    Heard listen(Path configuration, String topic, String pool, int requeues);

    @Override
    void close();

    /** Asks servers. */
    interface Caller {
        /** The result; throws {@link CallFailure}. */
        JsonNode call(Call call);

        /** The same without waiting. */
        CompletableFuture<JsonNode> start(Call call);

        void cast(Call call);

        /** To all servers of the topic. */
        void fanout(Call call);
    }

    /** A running server. */
    interface Served extends AutoCloseable {
        /** How often that method was called. */
        int count(String method);

        /** What {@code record} was called with so far. */
        List<JsonNode> received();

        /** Whether {@code wait_for} of that key has begun. */
        boolean waiting(String key);

        /** Lets {@code wait_for} of that key return. */
        void release(String key);

        @Override
        void close();
    }

    /** Tells what happened. */
    interface Notifying {
        /**
         * Sends a notification; returns when the broker has it.
         *
         * @param enveloped version 2 of the format, otherwise version 1
         * @param priority in lower case
         */
        void send(boolean enveloped, String topic, String priority, Notice notice);
    }

    /** What happened. */
    record Notice(String publisher, String event, JsonNode payload, JsonNode context) {}

    /** A running listener. */
    interface Heard extends AutoCloseable {
        /** All that came so far, in order; what was given back is there twice. */
        List<Notice> notices();

        /** Priorities of these, in lower case. */
        List<String> priorities();

        @Override
        void close();
    }
}
