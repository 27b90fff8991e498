package io.virtman.messaging.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options of {@code [oslo_messaging_rabbit]}, from a file with {@link RabbitOptionsReader} or
 * made in code from {@link #DEFAULTS}. Defaults are those of oslo.messaging unless said otherwise.
 *
 * @param queues how queues are declared
 * @param reconnect when to connect again
 * @param tls whom to trust
 * @param login {@code rabbit_login_method}
 * @param prefetch {@code rabbit_qos_prefetch_count}: how many messages may be unsettled; 0 leaves
 *     it to the program, which must have a bound
 * @param heartbeat {@code heartbeat_timeout_threshold}: a connection on which nothing is heard for
 *     that long is lost; zero for no heartbeats. They are sent twice in that time ({@code
 *     heartbeat_rate} has no effect)
 * @param missingConsumer {@code kombu_missing_consumer_retry_timeout}: how long a reply is tried to
 *     be sent to a queue that is not there
 * @param compression {@code kombu_compression}: {@code gzip} or {@code bzip2}, or one of their
 *     other names; null for none
 * @param queueNaming {@code use_queue_manager} with {@code hostname} and {@code processname}; null
 *     when names are random
 */
public record RabbitOptions(
        QueueOptions queues,
        ReconnectOptions reconnect,
        TlsOptions tls,
        LoginMethod login,
        int prefetch,
        Duration heartbeat,
        Duration missingConsumer,
        @Nullable String compression,
        @Nullable QueueNaming queueNaming) {
    /**
     * What {@code kombu_compression} may be. {@code bz2} is in oslo.messaging's documentation;
     * kombu 5.2 knows it as {@code bzip2} and {@code bzip} only ({@code kombu/compression.py}).
     */
    static final List<String> COMPRESSIONS = List.of("gzip", "zlib", "bz2", "bzip2", "bzip");

    /** What oslo.messaging has when nothing is configured. */
    public static final RabbitOptions DEFAULTS =
            new RabbitOptions(
                    QueueOptions.DEFAULTS,
                    ReconnectOptions.DEFAULTS,
                    TlsOptions.NONE,
                    LoginMethod.PASSWORD,
                    0,
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(60),
                    null,
                    null);

    /** How to prove who one is. */
    public enum LoginMethod {
        /** AMQPLAIN or PLAIN: every RabbitMQ takes PLAIN, which is what is sent for both. */
        PASSWORD,
        /** EXTERNAL: the TLS certificate says it. */
        CERTIFICATE
    }

    /** What names of queues are made of: no other process may have the same. */
    public record QueueNaming(String host, String process) {}

    /** Checks the ranges. */
    public RabbitOptions {
        if (prefetch < 0 || prefetch > 65_535) {
            throw new IllegalArgumentException("prefetch: " + prefetch);
        }
        if (heartbeat.isNegative() || heartbeat.toSeconds() > 65_535) {
            throw new IllegalArgumentException("heartbeat: " + heartbeat);
        }
        if (compression != null && !COMPRESSIONS.contains(compression)) {
            throw new IllegalArgumentException("compression: " + compression);
        }
    }

    /** The same with other queues. */
    public RabbitOptions withQueues(QueueOptions value) {
        return new RabbitOptions(
                value,
                reconnect,
                tls,
                login,
                prefetch,
                heartbeat,
                missingConsumer,
                compression,
                queueNaming);
    }

    /** The same with other pauses between attempts to connect. */
    public RabbitOptions withReconnect(ReconnectOptions value) {
        return new RabbitOptions(
                queues,
                value,
                tls,
                login,
                prefetch,
                heartbeat,
                missingConsumer,
                compression,
                queueNaming);
    }

    /** The same with TLS, or without. */
    public RabbitOptions withTls(TlsOptions value) {
        return new RabbitOptions(
                queues,
                reconnect,
                value,
                login,
                prefetch,
                heartbeat,
                missingConsumer,
                compression,
                queueNaming);
    }

    /** The same with another heartbeat. */
    public RabbitOptions withHeartbeat(Duration value) {
        return new RabbitOptions(
                queues,
                reconnect,
                tls,
                login,
                prefetch,
                value,
                missingConsumer,
                compression,
                queueNaming);
    }

    /** The same with messages compressed: {@code gzip}, {@code bzip2}, or null for not. */
    public RabbitOptions withCompression(@Nullable String value) {
        return new RabbitOptions(
                queues,
                reconnect,
                tls,
                login,
                prefetch,
                heartbeat,
                missingConsumer,
                value,
                queueNaming);
    }

    /** Makes names of queues as configured; one for each process. */
    public QueueNames queueNames() {
        return queueNaming == null
                ? QueueNames.random()
                : QueueNames.numbered(queueNaming.host(), queueNaming.process());
    }
}
