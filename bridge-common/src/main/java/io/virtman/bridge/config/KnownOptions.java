package io.virtman.bridge.config;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Every option there is. {@code etc/virtman/virtman.conf} has the same, with explanations. */
final class KnownOptions {
    static final String DEFAULT = "DEFAULT";
    static final String RABBIT = "oslo_messaging_rabbit";
    static final String NOTIFICATIONS = "oslo_messaging_notifications";
    static final String DATABASE = "database";
    static final String KEYSTONE = "keystone_authtoken";
    static final String CINDER = "cinder";
    static final String VOLT = "volt";
    static final String NOVA = "nova";

    static final String TRANSPORT_URL = "transport_url";

    static final Option<Duration> REPORT_INTERVAL =
            Option.seconds(DEFAULT, "report_interval", 10, 1, 3600);
    static final Option<Boolean> NO_SNAPSHOT_GB_QUOTA =
            Option.flag(DEFAULT, "no_snapshot_gb_quota", false);
    static final Option<Boolean> DEBUG = Option.flag(DEFAULT, "debug", false);

    static final Option<String> CONNECTION = Option.required(DATABASE, "connection", true);
    static final Option<Integer> MAX_POOL_SIZE =
            Option.integer(DATABASE, "max_pool_size", 8, 1, 64);

    static final Option<AuthType> AUTH_TYPE =
            Option.choice(KEYSTONE, "auth_type", AuthType.class, AuthType.PASSWORD);
    static final Option<URI> AUTH_URL = Option.url(KEYSTONE, "auth_url", Optional.empty());
    static final Option<String> USERNAME = Option.required(KEYSTONE, "username", false);
    static final Option<String> PASSWORD = Option.required(KEYSTONE, "password", true);
    static final Option<String> PROJECT_NAME = Option.text(KEYSTONE, "project_name", "service");
    static final Option<String> USER_DOMAIN_NAME =
            Option.text(KEYSTONE, "user_domain_name", "Default");
    static final Option<String> PROJECT_DOMAIN_NAME =
            Option.text(KEYSTONE, "project_domain_name", "Default");
    static final Option<Optional<String>> REGION_NAME = Option.text(KEYSTONE, "region_name");
    static final Option<KeystoneOptions.Interface> INTERFACE =
            Option.choice(
                    KEYSTONE,
                    "interface",
                    KeystoneOptions.Interface.class,
                    KeystoneOptions.Interface.INTERNAL);
    static final Option<Optional<String>> CAFILE = Option.text(KEYSTONE, "cafile");

    static final Option<Optional<String>> HOST = Option.text(CINDER, "host");
    static final Option<String> BACKEND = Option.text(CINDER, "backend", "virtman");
    static final Option<Optional<String>> VOLUME_BACKEND_NAME =
            Option.text(CINDER, "volume_backend_name");
    static final Option<String> POOL = Option.text(CINDER, "pool", "pool0");
    static final Option<String> AVAILABILITY_ZONE =
            Option.text(CINDER, "availability_zone", "nova");
    static final Option<Double> MAX_OVER_SUBSCRIPTION_RATIO =
            Option.number(CINDER, "max_over_subscription_ratio", 20.0, 1, 10_000);
    static final Option<Integer> RESERVED_PERCENTAGE =
            Option.integer(CINDER, "reserved_percentage", 0, 0, 100);
    static final Option<Duration> STATS_INTERVAL =
            Option.seconds(CINDER, "backend_stats_polling_interval", 60, 3, 3600);
    static final Option<Boolean> VERIFY_INSTANCE_HOST =
            Option.flag(CINDER, "verify_instance_host", true);
    static final Option<ImportOptions.Policy> IMPORT_POLICY =
            Option.choice(
                    CINDER, "import_policy", ImportOptions.Policy.class, ImportOptions.Policy.LAZY);
    static final Option<Long> IMPORT_RATE = Option.bytes(CINDER, "import_rate", "100M");
    static final Option<List<String>> IMPORT_NODES = Option.list(CINDER, "import_nodes");
    static final Option<Boolean> ACCEPT_SCHEMA = Option.flag(CINDER, "accept_schema", false);
    static final Option<Integer> WORKERS = Option.integer(CINDER, "workers", 64, 1, 1024);
    static final Option<Duration> LEASE_DURATION =
            Option.seconds(CINDER, "lease_duration", 15, 3, 300);
    static final Option<Duration> RECONCILE_INTERVAL =
            Option.seconds(CINDER, "reconcile_interval", 30, 5, 3600);
    static final Option<Integer> METRICS_PORT =
            Option.integer(CINDER, "metrics_port", 7480, 0, 65_535);
    static final Option<Optional<String>> RPC_VERSION = Option.version(CINDER, "rpc_version", 3);
    static final Option<Optional<String>> OBJECT_VERSION =
            Option.version(CINDER, "object_version", 1);

    static final Option<URI> VOLT_URL =
            Option.url(VOLT, "url", Optional.of("http://127.0.0.1:7400"));
    static final Option<Duration> VOLT_TIMEOUT = Option.seconds(VOLT, "timeout", 10, 1, 300);

    static final Option<String> NOVA_CONNECTION = Option.required(NOVA, "connection", true);
    static final Option<String> BIND_HOST = Option.text(NOVA, "bind_host", "127.0.0.1");
    static final Option<Integer> BIND_PORT = Option.integer(NOVA, "bind_port", 7490, 1, 65_535);
    static final Option<String> KEY_FILE =
            Option.text(NOVA, "key_file", "/var/lib/virtman/nova.key");
    static final Option<Optional<String>> POLICY_FILE = Option.text(NOVA, "policy_file");
    static final Option<Duration> JOB_LIMIT =
            Option.seconds(NOVA, "job_limit", 86_400, 60, 2_592_000);
    static final Option<Duration> API_TIMEOUT = Option.seconds(NOVA, "api_timeout", 120, 5, 3600);
    static final Option<Duration> BUILD_TIMEOUT =
            Option.seconds(NOVA, "build_timeout", 1800, 10, 86_400);
    static final Option<Duration> POLL_INTERVAL = Option.seconds(NOVA, "poll_interval", 2, 1, 60);
    static final Option<Integer> FIRST_PARALLEL =
            Option.integer(NOVA, "first_parallel", 8, 1, 10_000);
    static final Option<Integer> MAX_PARALLEL =
            Option.integer(NOVA, "max_parallel", 200, 1, 10_000);
    static final Option<Integer> BATCH_SIZE = Option.integer(NOVA, "batch_size", 10, 1, 100);
    static final Option<Integer> RETRIES = Option.integer(NOVA, "retries_per_ten", 2, 0, 100);
    static final Option<Integer> PROJECT_BOOTS =
            Option.integer(NOVA, "project_boots", 10, 1, 10_000);
    static final Option<Integer> PROJECT_SERVERS =
            Option.integer(NOVA, "project_servers", 10_000, 1, 1_000_000);

    /** Those that this package reads. */
    static final List<Option<?>> OURS =
            List.of(
                    REPORT_INTERVAL,
                    NO_SNAPSHOT_GB_QUOTA,
                    DEBUG,
                    CONNECTION,
                    MAX_POOL_SIZE,
                    AUTH_TYPE,
                    AUTH_URL,
                    USERNAME,
                    PASSWORD,
                    PROJECT_NAME,
                    USER_DOMAIN_NAME,
                    PROJECT_DOMAIN_NAME,
                    REGION_NAME,
                    INTERFACE,
                    CAFILE,
                    HOST,
                    BACKEND,
                    VOLUME_BACKEND_NAME,
                    POOL,
                    AVAILABILITY_ZONE,
                    MAX_OVER_SUBSCRIPTION_RATIO,
                    RESERVED_PERCENTAGE,
                    STATS_INTERVAL,
                    VERIFY_INSTANCE_HOST,
                    IMPORT_POLICY,
                    IMPORT_RATE,
                    IMPORT_NODES,
                    ACCEPT_SCHEMA,
                    WORKERS,
                    LEASE_DURATION,
                    RECONCILE_INTERVAL,
                    METRICS_PORT,
                    RPC_VERSION,
                    OBJECT_VERSION,
                    VOLT_URL,
                    VOLT_TIMEOUT,
                    NOVA_CONNECTION,
                    BIND_HOST,
                    BIND_PORT,
                    KEY_FILE,
                    POLICY_FILE,
                    JOB_LIMIT,
                    API_TIMEOUT,
                    BUILD_TIMEOUT,
                    POLL_INTERVAL,
                    FIRST_PARALLEL,
                    MAX_PARALLEL,
                    BATCH_SIZE,
                    RETRIES,
                    PROJECT_BOOTS,
                    PROJECT_SERVERS);

    /**
     * Ways to log in. The section is copied from other services, where the option must be; both
     * mean the same here.
     */
    enum AuthType {
        PASSWORD,
        V3PASSWORD
    }

    private KnownOptions() {}

    /** Names by section, former names left out: ours and those that oslo-messaging reads. */
    static Map<String, List<String>> names() {
        Map<String, List<String>> names = new LinkedHashMap<>();
        names.put(
                DEFAULT,
                new ArrayList<>(
                        List.of(TRANSPORT_URL, "control_exchange", "rpc_response_timeout")));
        names.put(RABBIT, MessagingNames.RABBIT);
        names.put(NOTIFICATIONS, List.of("driver", "topics", TRANSPORT_URL));
        for (Option<?> option : OURS) {
            names.computeIfAbsent(option.section(), _ -> new ArrayList<>()).add(option.name());
        }
        return names;
    }
}
