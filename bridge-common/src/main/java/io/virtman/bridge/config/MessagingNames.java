package io.virtman.bridge.config;

import java.util.List;
import java.util.Map;

/**
 * Names of the options that oslo-messaging reads; its manual has the table. Those without effect
 * are among them, since whoever copies Cinder's section has them too.
 */
final class MessagingNames {
    static final List<String> RABBIT =
            List.of(
                    "amqp_durable_queues",
                    "amqp_auto_delete",
                    "rabbit_quorum_queue",
                    "rabbit_transient_quorum_queue",
                    "rabbit_quorum_delivery_limit",
                    "rabbit_quorum_max_memory_length",
                    "rabbit_quorum_max_memory_bytes",
                    "rabbit_ha_queues",
                    "rabbit_transient_queues_ttl",
                    "rabbit_stream_fanout",
                    "rabbit_qos_prefetch_count",
                    "rabbit_login_method",
                    "rabbit_retry_interval",
                    "rabbit_retry_backoff",
                    "rabbit_interval_max",
                    "kombu_reconnect_delay",
                    "kombu_failover_strategy",
                    "kombu_compression",
                    "kombu_missing_consumer_retry_timeout",
                    "heartbeat_timeout_threshold",
                    "heartbeat_rate",
                    "heartbeat_in_pthread",
                    "direct_mandatory_flag",
                    "enable_cancel_on_failover",
                    "use_queue_manager",
                    "hostname",
                    "processname",
                    "ssl",
                    "ssl_ca_file",
                    "ssl_cert_file",
                    "ssl_key_file",
                    "ssl_version",
                    "ssl_enforce_hostname_verification",
                    "ssl_enforce_fips_mode",
                    "rpc_conn_pool_size",
                    "conn_pool_min_size",
                    "conn_pool_ttl");

    /**
     * Not in the sample, but no mistake, by section: former names, which are understood, and what
     * keystonemiddleware reads in the section that operators copy from other services.
     */
    static final Map<String, List<String>> UNLISTED =
            Map.of(
                    KnownOptions.KEYSTONE,
                    List.of(
                            "www_authenticate_uri",
                            "auth_uri",
                            "memcached_servers",
                            "service_token_roles",
                            "service_token_roles_required"),
                    KnownOptions.DEFAULT,
                    List.of(
                            "notification_driver",
                            "notification_topics",
                            "notification_transport_url"),
                    KnownOptions.RABBIT,
                    List.of(
                            "rabbit_durable_queues",
                            "rabbit_quroum_max_memory_length",
                            "rabbit_quroum_max_memory_bytes",
                            "kombu_reconnect_timeout",
                            "rabbit_use_ssl",
                            "kombu_ssl_ca_certs",
                            "kombu_ssl_certfile",
                            "kombu_ssl_keyfile",
                            "kombu_ssl_version"));

    private MessagingNames() {}
}
