package io.virtman.cinder.app.doctor;

import io.virtman.bridge.config.BridgeConfiguration;
import io.virtman.bridge.database.Database;
import io.virtman.cinder.app.BridgeDatabase;
import io.virtman.cinder.app.doctor.Decisions.NodeView;
import io.virtman.cinder.database.CinderSchema;
import io.virtman.messaging.rabbit.RabbitProbe;
import io.virtman.messaging.rabbit.RabbitSettings;
import io.virtman.messaging.transport.Address;
import io.virtman.rest.VoltClient;
import io.virtman.volt.VoltApi;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is looked at, in this order. */
final class Checks {
    private static final String DATABASE = "database";
    private static final String KEYSTONE = "keystone";
    private static final String VOLT = "volt";

    private final BridgeConfiguration configuration;
    private final Cloud.Login login;

    Checks(BridgeConfiguration configuration, Cloud.Login login) {
        this.configuration = configuration;
        this.login = login;
    }

    List<Check> all() {
        List<Check> checks = new ArrayList<>(database());
        checks.add(rabbit());
        checks.addAll(cloud());
        checks.addAll(volt());
        return checks;
    }

    private List<Check> database() {
        DatabaseProbe probe = new DatabaseProbe(configuration.database());
        String account = "see [database] connection, and etc/mysql-grants.sql for its account";
        return List.of(
                new Check(
                        DATABASE,
                        "",
                        account,
                        () ->
                                List.of(
                                        Finding.ok(
                                                DATABASE,
                                                configuration.database()
                                                        + " answers: "
                                                        + probe.version()))),
                new Check("schema", DATABASE, account, this::schema),
                new Check(
                        "grants",
                        DATABASE,
                        account,
                        () -> Decisions.grants(probe.needed(), probe.rights())),
                new Check("clock", DATABASE, account, () -> Decisions.clock(probe.ahead())),
                new Check("versions", DATABASE, account, probe::versions),
                new Check(
                        "volume-type",
                        DATABASE,
                        account,
                        () ->
                                Decisions.volumeType(
                                        probe.backendNames(),
                                        configuration.backend().volumeBackendName())));
    }

    private List<Finding> schema() {
        try (Database database = BridgeDatabase.open(configuration.database())) {
            return Decisions.schema(
                    database.read(CinderSchema::differences), configuration.work().acceptSchema());
        }
    }

    private Check rabbit() {
        String exchange = configuration.messaging().controlExchange();
        String service = configuration.backend().serviceHost();
        List<Address> addresses =
                List.of(
                        new Address.Topic(exchange, "cinder-volume"),
                        new Address.Topic(exchange, "cinder-scheduler"),
                        new Address.Topic(exchange, "cinder-volume." + service),
                        new Address.Server(
                                exchange,
                                "cinder-volume." + service,
                                configuration.backend().host()),
                        new Address.Fanout("cinder-volume"));
        return new Check(
                "rabbitmq",
                "",
                "see transport_url, and whether RabbitMQ runs and knows that account",
                () -> {
                    List<String> lines =
                            RabbitProbe.mismatches(
                                    configuration.messaging().url(),
                                    configuration.rabbit(),
                                    RabbitSettings.of("virtman-doctor"),
                                    addresses);
                    if (lines.isEmpty()) {
                        return List.of(
                                Finding.ok(
                                        "rabbitmq",
                                        configuration.messaging().url()
                                                + " answers; what Cinder declared is as we declare"
                                                + " it"));
                    }
                    return lines.stream()
                            .map(line ->
                                    Finding.problem(
                                            "rabbitmq",
                                            line,
                                            "use --cinder-conf, or the same"
                                                    + " [oslo_messaging_rabbit] as Cinder"))
                            .toList();
                });
    }

    private List<Check> cloud() {
        String remedy =
                "see [keystone_authtoken]: the user needs the role admin in its project, and the"
                        + " catalogue the interface and region that are set";
        return List.of(
                new Check(
                        KEYSTONE,
                        "",
                        remedy,
                        () -> {
                            try (Cloud cloud = connect().orElse(null)) {
                                return List.of(
                                        cloud == null
                                                ? unseen(KEYSTONE)
                                                : Finding.ok(
                                                        KEYSTONE,
                                                        "login as " + configuration.keystone()));
                            }
                        }),
                endpoint("glance", "image", remedy),
                endpoint("nova", "compute", remedy),
                new Check(
                        "backend",
                        KEYSTONE,
                        remedy,
                        () -> {
                            try (Cloud cloud = connect().orElse(null)) {
                                return cloud == null
                                        ? List.of(unseen("backend"))
                                        : Decisions.backend(
                                                cloud.volumeServices(),
                                                configuration.backend().serviceHost());
                            }
                        }));
    }

    private Check endpoint(String name, String service, String remedy) {
        return new Check(
                name,
                KEYSTONE,
                remedy,
                () -> {
                    try (Cloud cloud = connect().orElse(null)) {
                        return List.of(
                                cloud == null
                                        ? unseen(name)
                                        : Finding.ok(name, "at " + cloud.endpoint(service)));
                    }
                });
    }

    private Optional<Cloud> connect() {
        return login.as(configuration.keystone());
    }

    private static Finding unseen(String check) {
        return Finding.warning(
                check, "not looked at: this program has no client for OpenStack", "");
    }

    private List<Check> volt() {
        String remedy = "see [volt] url, and whether 'virtman volt' runs";
        return List.of(
                new Check(
                        VOLT,
                        "",
                        remedy,
                        () ->
                                List.of(
                                        Finding.ok(
                                                VOLT,
                                                configuration.volt().url()
                                                        + " answers, term "
                                                        + client().status().term()))),
                new Check("nodes", VOLT, remedy, () -> Decisions.nodes(nodes())),
                new Check("layer-space", VOLT, remedy, () -> Decisions.space(nodes())),
                new Check(
                        "hosts",
                        VOLT,
                        "see 'keystone' above",
                        () -> {
                            try (Cloud cloud = connect().orElse(null)) {
                                return cloud == null
                                        ? List.of(unseen("hosts"))
                                        : Decisions.hosts(cloud.computeHosts(), nodes());
                            }
                        }));
    }

    private VoltApi client() {
        return new VoltClient(configuration.volt().url(), configuration.volt().timeout());
    }

    private List<NodeView> nodes() {
        return client().nodes().stream()
                .map(node ->
                        new NodeView(
                                node.address().name(),
                                node.alive(),
                                node.layerBytesTotal(),
                                node.layerBytesFree()))
                .toList();
    }
}
