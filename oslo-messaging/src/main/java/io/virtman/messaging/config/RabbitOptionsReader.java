package io.virtman.messaging.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code [oslo_messaging_rabbit]}: {@code impl_rabbit.py}, {@code rabbit_opts}, and {@code
 * amqp.py}, {@code amqp_opts}, of oslo.messaging 14.0 to 17.3, with the names that options had
 * before.
 */
public final class RabbitOptionsReader {
    private static final System.Logger LOG = System.getLogger(RabbitOptionsReader.class.getName());
    private static final String SECTION = "oslo_messaging_rabbit";
    private static final int MOST = Integer.MAX_VALUE;
    private static final int LONGEST_SECONDS = 1_000_000;

    /** Known to oslo.messaging, and what it means that they have no effect here. */
    private static final Map<String, String> WITHOUT_EFFECT =
            Map.of(
                    "heartbeat_rate",
                    "heartbeats are sent twice in heartbeat_timeout_threshold",
                    "heartbeat_in_pthread",
                    "they always have a thread of their own",
                    "rpc_conn_pool_size",
                    "there is one connection to publish and one to receive",
                    "conn_pool_min_size",
                    "there is one connection to publish and one to receive",
                    "conn_pool_ttl",
                    "there is one connection to publish and one to receive",
                    "direct_mandatory_flag",
                    "replies are always mandatory",
                    "enable_cancel_on_failover",
                    "a consumer is started again however it was cancelled",
                    "ssl_enforce_fips_mode",
                    "the security providers of the JVM decide");

    private final OptionSection section;

    private RabbitOptionsReader(OptionSection section) {
        this.section = section;
    }

    /**
     * Reads the section; what the query of the URL says goes before it.
     *
     * @throws ConfigurationException naming the option, where it stands and what it may be
     */
    public static RabbitOptions read(OsloConfiguration configuration, TransportUrl url) {
        OsloConfiguration both = configuration.overriding(SECTION, url.query(), "transport_url");
        return new RabbitOptionsReader(both.section(SECTION)).read();
    }

    private RabbitOptions read() {
        WITHOUT_EFFECT.forEach((option, why) -> {
            if (section.text(option).isPresent()) {
                LOG.log(
                        System.Logger.Level.INFO,
                        "[{0}] {1} has no effect: {2}",
                        SECTION,
                        option,
                        why);
            }
        });
        if (section.flag("rabbit_stream_fanout", false)) {
            throw section.wrong(
                    "rabbit_stream_fanout",
                    "streams are not supported, and with other queues fanouts of the other"
                            + " programs would not arrive; set it to false in all of them");
        }
        return new RabbitOptions(
                queues(),
                reconnect(),
                tls(),
                login(),
                section.integer("rabbit_qos_prefetch_count", 0, 0, 65_535),
                seconds("heartbeat_timeout_threshold", 60, 0, 65_535),
                seconds(
                        "kombu_missing_consumer_retry_timeout",
                        60,
                        0,
                        LONGEST_SECONDS,
                        "kombu_reconnect_timeout"),
                section.choice("kombu_compression", RabbitOptions.COMPRESSIONS).orElse(null),
                queueNaming());
    }

    private Duration seconds(
            String option, int otherwise, int least, int most, String... formerNames) {
        return Duration.ofSeconds(section.integer(option, otherwise, least, most, formerNames));
    }

    private QueueOptions queues() {
        return new QueueOptions(
                section.flag("amqp_durable_queues", false, "rabbit_durable_queues"),
                section.flag("amqp_auto_delete", false),
                section.flag("rabbit_quorum_queue", false),
                section.flag("rabbit_transient_quorum_queue", false),
                section.flag("rabbit_ha_queues", false),
                section.integer("rabbit_quorum_delivery_limit", 0, 0, MOST),
                // misspelt before 14.1, the misspelt ones removed in 17.0
                section.integer(
                        "rabbit_quorum_max_memory_length",
                        0,
                        0,
                        MOST,
                        "rabbit_quroum_max_memory_length"),
                section.integer(
                        "rabbit_quorum_max_memory_bytes",
                        0,
                        0,
                        MOST,
                        "rabbit_quroum_max_memory_bytes"),
                seconds("rabbit_transient_queues_ttl", 1800, 0, MOST / 1000));
    }

    private ReconnectOptions reconnect() {
        return new ReconnectOptions(
                // 0 is taken for 1, Connection.ensure
                seconds("rabbit_retry_interval", 1, 0, LONGEST_SECONDS).isZero()
                        ? Duration.ofSeconds(1)
                        : seconds("rabbit_retry_interval", 1, 0, LONGEST_SECONDS),
                seconds("rabbit_retry_backoff", 2, 0, LONGEST_SECONDS),
                seconds("rabbit_interval_max", 30, 1, LONGEST_SECONDS),
                Duration.ofMillis(
                        (long) (1000 * section.number("kombu_reconnect_delay", 1, 0, 4.5))),
                section.choice("kombu_failover_strategy", List.of("round-robin", "shuffle"))
                                .orElse("round-robin")
                                .equals("shuffle")
                        ? ReconnectOptions.FailoverStrategy.SHUFFLE
                        : ReconnectOptions.FailoverStrategy.ROUND_ROBIN);
    }

    private TlsOptions tls() {
        return new TlsOptions(
                section.flag("ssl", false, "rabbit_use_ssl"),
                file("ssl_ca_file", "kombu_ssl_ca_certs"),
                file("ssl_cert_file", "kombu_ssl_certfile"),
                file("ssl_key_file", "kombu_ssl_keyfile"),
                protocol(),
                section.flag("ssl_enforce_hostname_verification", true));
    }

    private @Nullable Path file(String option, String formerName) {
        return section.text(option, formerName)
                .filter(text -> !text.isEmpty())
                .map(Path::of)
                .orElse(null);
    }

    private @Nullable String protocol() {
        Optional<String> version =
                section.text("ssl_version", "kombu_ssl_version").filter(text -> !text.isEmpty());
        return switch (version.orElse("SSLv23").toLowerCase(java.util.Locale.ROOT)) {
            // Python: whatever both can
            case "sslv23" -> null;
            case "tlsv1_2" -> "TLSv1.2";
            case "tlsv1_3" -> "TLSv1.3";
            default ->
                    throw section.wrong(
                            "ssl_version", "too old; use TLSv1_2 or TLSv1_3, or leave it out");
        };
    }

    private RabbitOptions.LoginMethod login() {
        String method =
                section.choice(
                                "rabbit_login_method",
                                List.of("AMQPLAIN", "PLAIN", "EXTERNAL", "RABBIT-CR-DEMO"))
                        .orElse("AMQPLAIN");
        return switch (method) {
            case "EXTERNAL" -> RabbitOptions.LoginMethod.CERTIFICATE;
            case "RABBIT-CR-DEMO" ->
                    throw section.wrong(
                            "rabbit_login_method", "not supported; use AMQPLAIN or EXTERNAL");
            default -> RabbitOptions.LoginMethod.PASSWORD;
        };
    }

    private RabbitOptions.@Nullable QueueNaming queueNaming() {
        if (!section.flag("use_queue_manager", false)) {
            return null;
        }
        String process =
                section.text("processname")
                        .orElseThrow(() ->
                                section.wrong(
                                        "processname",
                                        "needed with use_queue_manager; use a name that"
                                                + " no other process of this host has"));
        return new RabbitOptions.QueueNaming(
                section.text("hostname").orElseGet(RabbitOptionsReader::host), process);
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            throw new ConfigurationException("[" + SECTION + "] hostname: not known; set it", e);
        }
    }
}
