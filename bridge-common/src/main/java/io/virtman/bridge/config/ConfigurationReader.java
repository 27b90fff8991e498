package io.virtman.bridge.config;

import io.virtman.messaging.config.ConfigurationException;
import io.virtman.messaging.config.MessagingOptions;
import io.virtman.messaging.config.NotificationOptions;
import io.virtman.messaging.config.OsloConfiguration;
import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.RabbitOptionsReader;
import io.virtman.messaging.config.TransportUrl;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Makes records of files, and collects what is wrong with them. For one thread. */
final class ConfigurationReader {
    /** {@code oslo_messaging/transport.py}. */
    private static final String LIBRARY_EXCHANGE = "openstack";

    private static final Set<String> DRIVERS = Set.of("messaging", "messagingv2", "noop", "");

    private static final TransportUrl NO_URL = TransportUrl.parse("rabbit://");

    private final OsloConfiguration own;
    private final Optional<OsloConfiguration> cinder;
    private final OsloConfiguration both;
    private final String machine;
    private final Problems problems;
    private final List<String> warnings = new ArrayList<>();
    private boolean unreadable; // an address of a database

    ConfigurationReader(
            OsloConfiguration own,
            Optional<OsloConfiguration> cinder,
            String machine,
            Problems problems) {
        this.own = own;
        this.cinder = cinder;
        this.both =
                cinder.map(theirs -> own.withDefaults(theirs, ConfigurationFiles::isTakenOver))
                        .orElse(own);
        this.machine = machine;
        this.problems = problems;
    }

    /** Known after {@link #read}. */
    List<String> warnings() {
        return warnings;
    }

    List<LoadedConfiguration.Setting> settings() {
        return new EffectiveSettings(both).all();
    }

    BridgeConfiguration read() {
        Optional<MessagingOptions> messaging = messaging();
        // without a URL what the section says is still to be looked at
        TransportUrl url = messaging.map(MessagingOptions::url).orElse(NO_URL);
        Optional<RabbitOptions> rabbit =
                problems.collect(() -> RabbitOptionsReader.read(both, url));
        Optional<NotificationOptions> notifications =
                problems.collect(() -> NotificationOptions.of(both));
        notifications.ifPresent(this::checkDrivers);
        Optional<DatabaseOptions> database = database();
        Optional<KeystoneOptions> keystone = keystone();
        Optional<BackendOptions> backend = backend();
        Optional<WorkOptions> work = work();
        Optional<ImportOptions> imports = imports();
        Optional<VoltConnection> volt = volt();
        var reportInterval = get(KnownOptions.REPORT_INTERVAL);
        var noSnapshotQuota = get(KnownOptions.NO_SNAPSHOT_GB_QUOTA);
        var debug = get(KnownOptions.DEBUG);
        problems.throwIfAny();
        return new BridgeConfiguration(
                messaging.orElseThrow(),
                rabbit.orElseThrow(),
                notifications.orElseThrow(),
                database.orElseThrow(),
                keystone.orElseThrow(),
                backend.orElseThrow(),
                work.orElseThrow(),
                imports.orElseThrow(),
                volt.orElseThrow(),
                reportInterval.orElseThrow(),
                !noSnapshotQuota.orElseThrow(),
                debug.orElseThrow());
    }

    NovaConfiguration readNova() {
        Optional<DatabaseOptions> database = novaDatabase();
        Optional<KeystoneOptions> keystone = keystone();
        Optional<NovaOptions> nova = new NovaReader(this::get, problems).read();
        var lease = get(KnownOptions.LEASE_DURATION);
        var debug = get(KnownOptions.DEBUG);
        problems.throwIfAny();
        return new NovaConfiguration(
                database.orElseThrow(),
                keystone.orElseThrow(),
                nova.orElseThrow(),
                lease.orElseThrow(),
                debug.orElseThrow());
    }

    private Optional<DatabaseOptions> novaDatabase() {
        Optional<Integer> pool = get(KnownOptions.MAX_POOL_SIZE);
        Optional<DatabaseUrl> url =
                get(KnownOptions.NOVA_CONNECTION).flatMap(_ -> databaseUrl(own, KnownOptions.NOVA));
        if (url.isEmpty()) {
            return Optional.empty(); // which has been said
        }
        if (url.get().server().isEmpty() || url.get().user().isEmpty()) {
            problems.add(
                    "[nova] connection: no host or no account; write"
                            + " mysql+pymysql://USER:PASSWORD@HOST/virtman_nova");
            return Optional.empty();
        }
        return assemble(
                List.of(pool),
                () ->
                        new DatabaseOptions(
                                url.get().server().orElseThrow(),
                                url.get().schema().orElse("virtman_nova"),
                                url.get().user().orElseThrow(),
                                url.get().password(),
                                pool.orElseThrow()));
    }

    private <T> Optional<T> get(Option<T> option) {
        return problems.collect(() -> option.read(both));
    }

    /** Puts a record together when all its parts are right; the parts are read before, all. */
    private <T> Optional<T> assemble(List<Optional<?>> parts, java.util.function.Supplier<T> made) {
        return parts.stream().allMatch(Optional::isPresent)
                ? problems.collect(made)
                : Optional.empty();
    }

    private Optional<MessagingOptions> messaging() {
        try {
            return Optional.of(MessagingOptions.of(both, LIBRARY_EXCHANGE));
        } catch (ConfigurationException e) {
            String text = String.valueOf(e.getMessage());
            String place =
                    both.section(KnownOptions.DEFAULT)
                            .place(KnownOptions.TRANSPORT_URL)
                            .orElse("[DEFAULT]");
            problems.add(text.startsWith("transport_url") ? place + ": " + text : text);
            return Optional.empty();
        }
    }

    private void checkDrivers(NotificationOptions notifications) {
        for (String driver : notifications.drivers()) {
            if (!DRIVERS.contains(driver)) {
                warnings.add(
                        "[oslo_messaging_notifications] driver = "
                                + driver
                                + " is not built: nothing is sent through it; use messagingv2");
            }
        }
    }

    private Optional<DatabaseOptions> database() {
        Optional<Integer> pool = get(KnownOptions.MAX_POOL_SIZE);
        Optional<DatabaseUrl> ours = databaseUrl(own, KnownOptions.DATABASE);
        Optional<DatabaseUrl> theirs =
                cinder.flatMap(from -> databaseUrl(from, KnownOptions.DATABASE));
        if (unreadable) {
            return Optional.empty(); // which has been said
        }
        Optional<String> server = ours.flatMap(DatabaseUrl::server);
        Optional<String> schema = ours.flatMap(DatabaseUrl::schema);
        Optional<DatabaseUrl> account = ours.filter(url -> url.user().isPresent());
        if (account.isEmpty() && theirs.flatMap(DatabaseUrl::user).isPresent()) {
            account = theirs;
            warnings.add(
                    "[database] connection has no account: Cinder's own is used, which may do more"
                            + " than it should; make one with etc/mysql-grants.sql");
        }
        if (ours.or(() -> theirs).filter(DatabaseUrl::tls).isPresent()) {
            warnings.add(
                    "[database] connection: options for TLS have no effect; the bridge uses TLS"
                            + " when the server offers it, and checks no certificate");
        }
        Optional<String> place = server.or(() -> theirs.flatMap(DatabaseUrl::server));
        Optional<String> name =
                schema.or(() -> theirs.flatMap(DatabaseUrl::schema))
                        .or(() -> Optional.of("cinder"));
        Optional<DatabaseUrl> user = account;
        if (place.isEmpty() || user.isEmpty()) {
            problems.add(
                    "[database] connection: "
                            + (user.isEmpty() ? "no account" : "no host")
                            + "; write mysql+pymysql://USER:PASSWORD@HOST/cinder into virtman.conf,"
                            + " or leave the host out and name Cinder's file with --cinder-conf");
            return Optional.empty();
        }
        return assemble(
                List.of(pool),
                () ->
                        new DatabaseOptions(
                                place.get(),
                                name.orElseThrow(),
                                user.get().user().orElseThrow(),
                                user.get().password(),
                                pool.orElseThrow()));
    }

    private Optional<DatabaseUrl> databaseUrl(OsloConfiguration from, String name) {
        var section = from.section(name);
        try {
            return section.text("connection").filter(t -> !t.isEmpty()).map(DatabaseUrl::parse);
        } catch (IllegalArgumentException e) {
            unreadable = true;
            problems.add(
                    section.place("connection").orElse("")
                            + ": ["
                            + name
                            + "] connection "
                            + e.getMessage());
            return Optional.empty();
        }
    }

    private Optional<KeystoneOptions> keystone() {
        var type = get(KnownOptions.AUTH_TYPE);
        var url = get(KnownOptions.AUTH_URL);
        var user = get(KnownOptions.USERNAME);
        var password = get(KnownOptions.PASSWORD);
        var project = get(KnownOptions.PROJECT_NAME);
        var userDomain = get(KnownOptions.USER_DOMAIN_NAME);
        var projectDomain = get(KnownOptions.PROJECT_DOMAIN_NAME);
        var region = get(KnownOptions.REGION_NAME);
        var endpoints = get(KnownOptions.INTERFACE);
        var cafile = get(KnownOptions.CAFILE);
        return assemble(
                List.of(type, url, user, password, endpoints),
                () ->
                        new KeystoneOptions(
                                url.orElseThrow(),
                                user.orElseThrow(),
                                password.orElseThrow(),
                                project.orElseThrow(),
                                userDomain.orElseThrow(),
                                projectDomain.orElseThrow(),
                                region.orElseThrow(),
                                endpoints.orElseThrow(),
                                cafile.orElseThrow().map(Path::of)));
    }

    private Optional<BackendOptions> backend() {
        var host = get(KnownOptions.HOST);
        var name = get(KnownOptions.BACKEND);
        var backendName = get(KnownOptions.VOLUME_BACKEND_NAME);
        var pool = get(KnownOptions.POOL);
        var zone = zone();
        var ratio = get(KnownOptions.MAX_OVER_SUBSCRIPTION_RATIO);
        var reserved = get(KnownOptions.RESERVED_PERCENTAGE);
        var interval = get(KnownOptions.STATS_INTERVAL);
        return assemble(
                List.of(ratio, reserved, interval),
                () ->
                        new BackendOptions(
                                host.orElseThrow().orElse(machine),
                                name.orElseThrow(),
                                backendName.orElseThrow().orElse(name.orElseThrow()),
                                pool.orElseThrow(),
                                zone,
                                ratio.orElseThrow(),
                                reserved.orElseThrow(),
                                interval.orElseThrow()));
    }

    /** Cinder has it under another name in another section. */
    private String zone() {
        String name = KnownOptions.AVAILABILITY_ZONE.name();
        return own.section(KnownOptions.CINDER)
                .text(name)
                .or(() ->
                        cinder.flatMap(theirs ->
                                theirs.section(KnownOptions.DEFAULT)
                                        .text("storage_availability_zone")))
                .filter(text -> !text.isEmpty())
                .orElse(KnownOptions.AVAILABILITY_ZONE.otherwise().orElseThrow());
    }

    private Optional<WorkOptions> work() {
        var workers = get(KnownOptions.WORKERS);
        var lease = get(KnownOptions.LEASE_DURATION);
        var reconcile = get(KnownOptions.RECONCILE_INTERVAL);
        var verify = get(KnownOptions.VERIFY_INSTANCE_HOST);
        var accept = get(KnownOptions.ACCEPT_SCHEMA);
        var metrics = get(KnownOptions.METRICS_PORT);
        var rpc = get(KnownOptions.RPC_VERSION);
        var object = get(KnownOptions.OBJECT_VERSION);
        return assemble(
                List.of(workers, lease, reconcile, verify, accept, metrics, rpc, object),
                () ->
                        new WorkOptions(
                                workers.orElseThrow(),
                                lease.orElseThrow(),
                                reconcile.orElseThrow(),
                                verify.orElseThrow(),
                                accept.orElseThrow(),
                                metrics.orElseThrow(),
                                rpc.orElseThrow(),
                                object.orElseThrow()));
    }

    private Optional<ImportOptions> imports() {
        var policy = get(KnownOptions.IMPORT_POLICY);
        var rate = get(KnownOptions.IMPORT_RATE);
        var nodes = get(KnownOptions.IMPORT_NODES);
        return assemble(
                List.of(policy, rate, nodes),
                () ->
                        new ImportOptions(
                                policy.orElseThrow(), rate.orElseThrow(), nodes.orElseThrow()));
    }

    private Optional<VoltConnection> volt() {
        var url = get(KnownOptions.VOLT_URL);
        var timeout = get(KnownOptions.VOLT_TIMEOUT);
        return assemble(
                List.of(url, timeout),
                () -> new VoltConnection(url.orElseThrow(), timeout.orElseThrow()));
    }
}
