package io.virtman.bridge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationFilesTest {
    static final String LEAST =
            """
            [database]
            connection = mysql+pymysql://virtman_cinder:a-secret@db.example/cinder
            [keystone_authtoken]
            auth_url = http://keystone.example:5000
            username = virtman
            password = another-secret
            """;

    private static final String CINDER =
            """
            [DEFAULT]
            my_ip = 192.0.2.7
            transport_url = rabbit://openstack:pa$$word@$my_ip:5672/
            control_exchange = cinder
            rpc_response_timeout = 120
            report_interval = 20
            no_snapshot_gb_quota = true
            storage_availability_zone = az1
            enabled_backends = lvm
            host = controller
            [oslo_messaging_rabbit]
            rabbit_quorum_queue = true
            rabbit_option_of_tomorrow = 7
            [oslo_messaging_notifications]
            driver = messagingv2
            [database]
            connection = mysql+pymysql://cinder:cinders-secret@db2.example:3307/cinder_zed?charset=utf8
            max_pool_size = 5
            [lvm]
            volume_backend_name = lvm
            """;

    @TempDir private Path directory;

    private Path file(String name, String text) throws IOException {
        Path file = Files.writeString(directory.resolve(name), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        return file;
    }

    private LoadedConfiguration<BridgeConfiguration> load(String... texts) throws IOException {
        Path[] files = new Path[texts.length];
        for (int i = 0; i < texts.length; i++) {
            files[i] = file("virtman" + i + ".conf", texts[i]);
        }
        return ConfigurationFiles.load(List.of(files), Optional.empty(), "ctl");
    }

    private LoadedConfiguration<BridgeConfiguration> beside(String cinder, String ours)
            throws IOException {
        return ConfigurationFiles.load(
                List.of(file("virtman.conf", ours)),
                Optional.of(file("cinder.conf", cinder)),
                "ctl");
    }

    private List<String> problems(String... texts) {
        return Objects.requireNonNull(
                        catchThrowableOfType(
                                InvalidConfigurationException.class, () -> load(texts)))
                .problems();
    }

    @Test
    void littleHasToBeSaid() throws IOException {
        LoadedConfiguration<BridgeConfiguration> loaded = load(LEAST);

        BridgeConfiguration configuration = loaded.configuration();
        assertThat(loaded.warnings()).isEmpty();
        assertThat(configuration.database())
                .isEqualTo(
                        new DatabaseOptions(
                                "db.example:3306", "cinder", "virtman_cinder", "a-secret", 8));
        assertThat(configuration.backend().serviceHost()).isEqualTo("ctl@virtman");
        assertThat(configuration.backend().poolHost()).isEqualTo("ctl@virtman#pool0");
        assertThat(configuration.backend().volumeBackendName()).isEqualTo("virtman");
        assertThat(configuration.messaging().controlExchange()).isEqualTo("openstack");
        assertThat(configuration.notifications().drivers()).isEmpty();
        assertThat(configuration.keystone().endpoints())
                .isEqualTo(KeystoneOptions.Interface.INTERNAL);
        assertThat(configuration.imports())
                .isEqualTo(new ImportOptions(ImportOptions.Policy.LAZY, 100 << 20, List.of()));
        assertThat(configuration.volt())
                .isEqualTo(
                        new VoltConnection(
                                URI.create("http://127.0.0.1:7400"), Duration.ofSeconds(10)));
        assertThat(configuration.work().workers()).isEqualTo(64);
        assertThat(configuration.work().rpcVersion()).isEmpty();
        assertThat(configuration.snapshotsCountGigabytes()).isTrue();
        assertThat(configuration.patience()).isEqualTo(Duration.ofSeconds(45));
    }

    @Test
    void whatKeystonemiddlewareReadsMayStayInACopiedSection() throws IOException {
        LoadedConfiguration<BridgeConfiguration> loaded =
                load(
                        LEAST
                                + "www_authenticate_uri = http://keystone.example:5000\n"
                                + "memcached_servers = 127.0.0.1:11211\n");

        assertThat(loaded.warnings()).isEmpty();
    }

    @Test
    void laterFilesWin() throws IOException {
        BridgeConfiguration configuration =
                load(
                                LEAST + "[cinder]\nbackend = one\nimport_nodes = a, b\n",
                                """
                                [cinder]
                                backend = two
                                import_policy = before-available
                                import_rate = 2G
                                [DEFAULT]
                                report_interval = 3
                                """)
                        .configuration();

        assertThat(configuration.backend().serviceHost()).isEqualTo("ctl@two");
        assertThat(configuration.reportInterval()).isEqualTo(Duration.ofSeconds(3));
        assertThat(configuration.imports())
                .isEqualTo(
                        new ImportOptions(
                                ImportOptions.Policy.BEFORE_AVAILABLE,
                                2L << 30,
                                List.of("a", "b")));
    }

    @Test
    void ofCindersFileOnlyWhatBothMustHaveInCommonIsTaken() throws IOException {
        LoadedConfiguration<BridgeConfiguration> loaded =
                beside(
                        CINDER,
                        LEAST.replace("@db.example/cinder", "@")
                                + "[DEFAULT]\nreport_interval = 5\n");

        BridgeConfiguration configuration = loaded.configuration();
        assertThat(configuration.messaging().url().hosts().getFirst().name())
                .isEqualTo("192.0.2.7");
        assertThat(configuration.messaging().url().hosts().getFirst().password())
                .isEqualTo("pa$word");
        assertThat(configuration.messaging().controlExchange()).isEqualTo("cinder");
        assertThat(configuration.messaging().responseTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(configuration.rabbit().queues().quorum()).isTrue();
        assertThat(configuration.notifications().drivers()).containsExactly("messagingv2");
        assertThat(configuration.backend().availabilityZone()).isEqualTo("az1");
        assertThat(configuration.database())
                .isEqualTo(
                        new DatabaseOptions(
                                "db2.example:3307", "cinder_zed", "virtman_cinder", "a-secret", 8));
        assertThat(configuration.reportInterval()).isEqualTo(Duration.ofSeconds(5));
        assertThat(configuration.snapshotsCountGigabytes()).isFalse();
        assertThat(configuration.backend().host()).isEqualTo("ctl");
        assertThat(configuration.backend().volumeBackendName()).isEqualTo("virtman");
        assertThat(loaded.warnings()).isEmpty();
    }

    @Test
    void cindersAccountIsTakenOnlyWhenThereIsNoneAndNotWithoutAWarning() throws IOException {
        LoadedConfiguration<BridgeConfiguration> loaded =
                beside(CINDER, LEAST.replaceAll("(?m)^connection.*$", ""));

        assertThat(loaded.configuration().database().user()).isEqualTo("cinder");
        assertThat(loaded.configuration().database().password()).isEqualTo("cinders-secret");
        assertThat(loaded.warnings()).singleElement().asString().contains("mysql-grants.sql");
    }

    @Test
    void ourPlaceOfTheDatabaseWins() throws IOException {
        assertThat(beside(CINDER, LEAST).configuration().database())
                .hasToString("virtman_cinder@db.example:3306/cinder");
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() {
        List<String> problems =
                problems(
                        """
                        [DEFAULT]
                        transport_url = amqp://u:hidden-secret@h/
                        report_intervall = 3
                        [oslo_messaging_rabbit]
                        rabbit_stream_fanout = true
                        [databases]
                        connection = x
                        [database]
                        connection = postgresql://u:hidden-secret@h/cinder
                        max_pool_size = 65
                        [cinder]
                        workers = many
                        volt = x
                        import_rate = fast
                        object_version = 2.0
                        volume_backend = x
                        transport_url = x
                        [volt]
                        url = http://u:hidden-secret@h:1
                        """);

        assertThat(problems)
                .anyMatch(p -> p.contains("virtman0.conf line 2: transport_url begins with"))
                .anyMatch(p ->
                        p.contains(
                                "line 3: [DEFAULT] report_intervall is not known; did"
                                        + " you mean report_interval?"))
                .anyMatch(p -> p.contains("[databases] is not known; did you mean [database]?"))
                .anyMatch(p -> p.contains("line 9: [database] connection is no address"))
                .anyMatch(p -> p.contains("[database] max_pool_size = 65"))
                .anyMatch(p -> p.contains("[cinder] workers = many"))
                .anyMatch(p -> p.contains("[cinder] volt is not known; see"))
                .anyMatch(p -> p.contains("[cinder] import_rate = fast"))
                .anyMatch(p -> p.contains("[cinder] object_version = 2.0"))
                .anyMatch(p -> p.contains("volume_backend is not known; did you mean"))
                .anyMatch(p -> p.contains("transport_url is not known; it belongs into [DEFAULT]"))
                .anyMatch(p -> p.contains("[keystone_authtoken] auth_url is not set"))
                .anyMatch(p -> p.contains("[keystone_authtoken] username is not set"))
                .anyMatch(p -> p.contains("[keystone_authtoken] password is not set"))
                .anyMatch(p -> p.contains("url is no address"));
        assertThat(problems)
                .anyMatch(p -> p.contains("[oslo_messaging_rabbit] rabbit_stream_fanout = true"))
                .noneMatch(p -> p.contains("no account"));
        assertThat(String.join("\n", problems)).doesNotContain("hidden-secret");
    }

    /** People copy the section from other services, which must name it. */
    @Test
    void onlyPasswordsAreAWayToLogIn() throws IOException {
        assertThat(load(LEAST + "auth_type = password\n").configuration())
                .isEqualTo(load(LEAST).configuration());
        assertThat(load(LEAST + "auth_type = v3password\n").configuration())
                .isEqualTo(load(LEAST).configuration());
        assertThatThrownBy(() -> load(LEAST + "auth_type = v3token\n"))
                .hasMessageContaining("[keystone_authtoken] auth_type = v3token (")
                .hasMessageContaining("use one of password, v3password");
    }

    @Test
    void aMissingFileIsSaidWithItsRemedy() {
        InvalidConfigurationException failure =
                catchThrowableOfType(
                        InvalidConfigurationException.class,
                        () ->
                                ConfigurationFiles.load(
                                        List.of(directory.resolve("none")),
                                        Optional.of(directory.resolve("neither")),
                                        "ctl"));

        assertThat(Objects.requireNonNull(failure).problems())
                .hasSize(2)
                .first()
                .asString()
                .contains("none does not exist: copy etc/virtman/virtman.conf");
    }

    @Test
    void everybodysEyesOnPasswordsAreWarnedOf() throws IOException {
        Path open = file("open.conf", LEAST);
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        Path harmless = file("harmless.conf", "[DEFAULT]\ndebug = true\n");
        Files.setPosixFilePermissions(harmless, PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(
                        ConfigurationFiles.load(List.of(open, harmless), Optional.empty(), "ctl")
                                .warnings())
                .singleElement()
                .asString()
                .contains("open.conf", "chmod 640");
    }

    @Test
    void secretsAreNowhereToBeSeen() throws IOException {
        LoadedConfiguration<BridgeConfiguration> loaded =
                beside(CINDER.replace("pa$$word", "hidden-secret"), LEAST);

        assertThat(loaded.toString())
                .doesNotContain("a-secret")
                .doesNotContain("another-secret")
                .doesNotContain("hidden-secret")
                .doesNotContain("cinders-secret");
        assertThat(loaded.settings())
                .contains(
                        new LoadedConfiguration.Setting(
                                "keystone_authtoken",
                                "password",
                                "(hidden)",
                                directory.resolve("virtman.conf") + " line 6"),
                        new LoadedConfiguration.Setting("volt", "timeout", "10", "default"),
                        new LoadedConfiguration.Setting(
                                "DEFAULT",
                                "rpc_response_timeout",
                                "120",
                                directory.resolve("cinder.conf") + " line 5"));
    }

    @ParameterizedTest
    @CsvSource({
        "mysql+pymysql://u:p@h/cinder, u, p, h:3306, cinder",
        "mysql://u:p%40w+d@[2001:db8::1]:3307/c?charset=utf8, u, p@w+d, '[2001:db8::1]:3307', c",
        "mysql+pymysql://u:p@w/d@h-1.example:1/cinder, u, p@w/d, h-1.example:1, cinder",
        "mariadb+pymysql://u:p@, u, p, , ",
        "mysql+pymysql://h/cinder, , '', h:3306, cinder",
    })
    void addressesOfDatabases(
            String text, String user, String password, String server, String schema) {
        DatabaseUrl url = DatabaseUrl.parse(text);

        assertThat(url.user()).isEqualTo(Optional.ofNullable(user));
        assertThat(url.password()).isEqualTo(password);
        assertThat(url.server()).isEqualTo(Optional.ofNullable(server));
        assertThat(url.schema()).isEqualTo(Optional.ofNullable(schema));
    }

    @ParameterizedTest
    @CsvSource({"a@b, virtman, pool0", "a, vir#tman, pool0", "a, virtman, p q"})
    void namesThatCannotBeTakenApartAreRefused(String host, String backend, String pool) {
        assertThat(
                        problems(
                                LEAST
                                        + "[cinder]\nhost = %s\nbackend = %s\npool = %s\n"
                                                .formatted(host, backend, pool)))
                .singleElement()
                .asString()
                .contains("without @, # and spaces");
    }

    @Test
    void aNameLongerThanCindersColumnIsRefused() {
        assertThat(problems(LEAST + "[cinder]\nhost = " + "h".repeat(250) + "\n"))
                .singleElement()
                .asString()
                .contains("more than 253 characters");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "report_intervall, report_interval",
                "WORKER, workers",
                "hots, host",
                "something_else_altogether, none",
            })
    void nearestNames(String written, String meant) {
        assertThat(NearestName.of(written, List.of("report_interval", "workers", "host", "pool")))
                .isEqualTo(Optional.ofNullable(meant));
    }
}
