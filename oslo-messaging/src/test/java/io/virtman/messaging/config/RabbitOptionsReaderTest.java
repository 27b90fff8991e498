package io.virtman.messaging.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RabbitOptionsReaderTest {
    private static RabbitOptions read(String options) {
        return read(options, "rabbit://h/");
    }

    private static RabbitOptions read(String options, String url) {
        return RabbitOptionsReader.read(
                OsloConfiguration.parse("nova.conf", "[oslo_messaging_rabbit]\n" + options),
                TransportUrl.parse(url));
    }

    @Test
    void hasTheDefaultsOfOsloMessaging() {
        assertThat(read("")).isEqualTo(RabbitOptions.DEFAULTS);
        assertThat(
                        RabbitOptionsReader.read(
                                OsloConfiguration.parse("x", ""),
                                TransportUrl.parse("rabbit://h/")))
                .isEqualTo(RabbitOptions.DEFAULTS);
    }

    @Test
    void readsEveryOption() {
        RabbitOptions options =
                read(
                        """
                        amqp_durable_queues = yes
                        amqp_auto_delete = 1
                        rabbit_quorum_queue = True
                        rabbit_transient_quorum_queue = on
                        rabbit_quorum_delivery_limit = 1
                        rabbit_quorum_max_memory_length = 2
                        rabbit_quorum_max_memory_bytes = 3
                        rabbit_transient_queues_ttl = 0
                        rabbit_retry_interval = 4
                        rabbit_retry_backoff = 5
                        rabbit_interval_max = 60
                        kombu_reconnect_delay = 0.5
                        kombu_failover_strategy = shuffle
                        ssl = true
                        ssl_ca_file = /ca.pem
                        ssl_cert_file = /cert.pem
                        ssl_key_file = /key.pem
                        ssl_version = TLSv1_2
                        ssl_enforce_hostname_verification = false
                        rabbit_login_method = EXTERNAL
                        rabbit_qos_prefetch_count = 100
                        heartbeat_timeout_threshold = 0
                        heartbeat_rate = 3
                        kombu_missing_consumer_retry_timeout = 30
                        kombu_compression = bz2
                        use_queue_manager = true
                        hostname = node
                        processname = bridge
                        """);
        assertThat(options)
                .isEqualTo(
                        new RabbitOptions(
                                new QueueOptions(
                                        true, true, true, true, false, 1, 2, 3, Duration.ZERO),
                                new ReconnectOptions(
                                        Duration.ofSeconds(4),
                                        Duration.ofSeconds(5),
                                        Duration.ofMinutes(1),
                                        Duration.ofMillis(500),
                                        ReconnectOptions.FailoverStrategy.SHUFFLE),
                                new TlsOptions(
                                        true,
                                        Path.of("/ca.pem"),
                                        Path.of("/cert.pem"),
                                        Path.of("/key.pem"),
                                        "TLSv1.2",
                                        false),
                                RabbitOptions.LoginMethod.CERTIFICATE,
                                100,
                                Duration.ZERO,
                                Duration.ofSeconds(30),
                                "bz2",
                                new RabbitOptions.QueueNaming("node", "bridge")));
        QueueNames names = options.queueNames();
        assertThat(names.next()).isEqualTo("node:bridge:1");
        assertThat(names.next()).isEqualTo("node:bridge:2");
        assertThat(RabbitOptions.DEFAULTS.queueNames().next()).matches("[0-9a-f]{32}");
    }

    @Test
    void knowsFormerNames() {
        RabbitOptions options =
                read(
                        """
                        rabbit_use_ssl = true
                        kombu_ssl_ca_certs = /ca.pem
                        rabbit_quroum_max_memory_length = 2
                        rabbit_quroum_max_memory_bytes = 3
                        kombu_reconnect_timeout = 30
                        """);
        assertThat(options.tls()).isEqualTo(TlsOptions.trusting(Path.of("/ca.pem")));
        assertThat(options.queues().maximumMemoryLength()).isEqualTo(2);
        assertThat(options.queues().maximumMemoryBytes()).isEqualTo(3);
        assertThat(options.missingConsumer()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void theUrlOverridesTheFile() {
        RabbitOptions options =
                read("ssl = false\nrabbit_quorum_queue = true\n", "rabbit://h/?ssl=1");
        assertThat(options.tls().enabled()).isTrue();
        assertThat(options.queues().quorum()).isTrue();
        assertThat(options.queues().topicsDurable()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "ssl = maybe, use true or false",
        "rabbit_qos_prefetch_count = 70000, use a whole number from 0 to 65535",
        "rabbit_retry_interval = soon, use a whole number from 0",
        "kombu_reconnect_delay = 5, use a number from 0.0 to 4.5",
        "kombu_reconnect_delay = NaN, use a number from 0.0 to 4.5",
        "kombu_failover_strategy = any, 'use one of round-robin, shuffle'",
        "kombu_compression = lzma, 'use one of gzip, zlib, bz2, bzip2, bzip'",
        "ssl_version = TLSv1, too old",
        "rabbit_login_method = RABBIT-CR-DEMO, not supported",
        "rabbit_stream_fanout = true, streams are not supported",
    })
    void saysWhatIsWrongWhereAndWhatToDo(String line, String remedy) {
        assertThatThrownBy(() -> read(line))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("[oslo_messaging_rabbit] " + line + " (nova.conf line 2): ")
                .hasMessageContaining(remedy);
    }

    @ParameterizedTest
    @CsvSource({
        "'rabbit_quorum_queue = true\nrabbit_ha_queues = true', set rabbit_ha_queues = false",
        "ssl_key_file = /key.pem, 'set both, or neither'",
        "use_queue_manager = true, processname",
    })
    void saysWhatDoesNotFitTogether(String lines, String remedy) {
        assertThatThrownBy(() -> read(lines))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("[oslo_messaging_rabbit]")
                .hasMessageContaining(remedy);
    }
}
