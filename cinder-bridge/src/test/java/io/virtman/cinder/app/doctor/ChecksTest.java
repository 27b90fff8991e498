package io.virtman.cinder.app.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.virtman.bridge.config.BridgeConfiguration;
import io.virtman.bridge.config.ConfigurationFiles;
import io.virtman.cinder.app.CinderServer;
import io.virtman.cinder.app.doctor.Cloud.ComputeHost;
import io.virtman.cinder.app.doctor.Finding.Level;
import io.virtman.testkit.RabbitBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checks at real servers, as the account that the manual tells to make. */
class ChecksTest {
    private static final Cloud.Login NO_CLOUD = _ -> Optional.empty();

    @TempDir private static Path data;
    private static CinderServer cinder;

    @TempDir private Path directory;

    @BeforeAll
    static void start() throws Exception {
        cinder = CinderServer.start(data);
        cinder.execute(
                "USE cinder; INSERT INTO services (report_count, disabled, uuid, host, `binary`,"
                        + " topic, deleted, rpc_current_version, object_current_version) VALUES (0, 0,"
                        + " '1', 'ctl', 'cinder-scheduler', 'cinder-scheduler', 0, '3.12', '1.39'), (0,"
                        + " 0, '2', 'gone', 'cinder-volume', 'cinder-volume', 0, NULL, NULL), (0, 0,"
                        + " '3', 'deleted', 'cinder-volume', 'cinder-volume', 1, NULL, NULL), (0, 0,"
                        + " '4', 'unpinned', 'cinder-backup', 'cinder-backup', 0, NULL, '1.39')");
    }

    @AfterAll
    static void stop() {
        cinder.close();
    }

    private Findings examine(UnaryOperator<String> change, Cloud.Login login) throws Exception {
        Path file =
                Files.writeString(
                        directory.resolve("virtman.conf"), change.apply(cinder.configuration()));
        BridgeConfiguration configuration =
                ConfigurationFiles.load(List.of(file), Optional.empty(), "ctl").configuration();
        return new Findings(
                new Doctor(Duration.ofSeconds(20)).examine(new Checks(configuration, login).all()));
    }

    private record Findings(List<Finding> all) {
        /** The first one of a check. */
        Finding get(String check) {
            return all.stream()
                    .filter(finding -> finding.check().equals(check))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void whatIsWrongIsFoundAndNothingHidesTheRest() throws Exception {
        Findings findings = examine(text -> text, NO_CLOUD);

        assertThat(findings.get("database").level()).isEqualTo(Level.OK);
        assertThat(findings.get("schema")).isEqualTo(Decisions.schema(List.of(), false).getFirst());
        assertThat(findings.get("grants").level())
                .as(findings.get("grants").toString())
                .isEqualTo(Level.OK);
        assertThat(findings.get("clock").level()).isEqualTo(Level.OK);
        assertThat(findings.get("versions").text())
                .contains("cinder-volume on gone has no version");
        assertThat(findings.all().toString()).contains("cinder-backup on unpinned has no version");
        assertThat(findings.get("volume-type").level()).isEqualTo(Level.PROBLEM);
        assertThat(findings.get("rabbitmq").level()).isEqualTo(Level.PROBLEM);
        assertThat(findings.get("rabbitmq").text()).contains("127.0.0.1:1");
        assertThat(findings.get("keystone").level()).isEqualTo(Level.WARNING);
        assertThat(findings.get("volt").level()).isEqualTo(Level.PROBLEM);
        assertThat(findings.get("nodes").text()).contains("'volt' failed");
        assertThat(findings.toString()).doesNotContain(CinderServer.PASSWORD);
    }

    @Test
    void anotherAccount() throws Exception {
        cinder.execute(
                "CREATE USER wide IDENTIFIED BY 'w'; GRANT ALL ON cinder.* TO wide;"
                        + " GRANT SELECT ON virtman.* TO wide");

        Findings findings =
                examine(
                        text -> text.replace("virtman_cinder:" + CinderServer.PASSWORD, "wide:w"),
                        NO_CLOUD);

        assertThat(findings.get("grants").level()).isEqualTo(Level.PROBLEM);
        assertThat(findings.get("grants").text()).contains("missing: ", "INSERT on virtman.*");
        assertThat(findings.get("versions").level()).isEqualTo(Level.PROBLEM);
    }

    @Test
    void aWrongPassword() throws Exception {
        Findings findings =
                examine(text -> text.replace(CinderServer.PASSWORD, "mistyped-secret"), NO_CLOUD);

        assertThat(findings.get("database").level()).isEqualTo(Level.PROBLEM);
        assertThat(findings.get("database").text()).contains("Access denied");
        assertThat(findings.get("grants").text()).contains("not looked at");
        assertThat(findings.toString()).doesNotContain("mistyped-secret");
    }

    @Test
    void whatOthersDeclaredOtherwise() throws Exception {
        RabbitBroker broker = RabbitBroker.shared();
        broker.addVirtualHost("doctor"); // others have declared things in the usual one
        ConnectionFactory factory = broker.connectionFactory();
        factory.setVirtualHost("doctor");
        try (Connection connection = factory.newConnection();
                var channel = connection.createChannel()) {
            channel.exchangeDeclare("openstack", "topic", true);
            channel.queueDeclare("cinder-scheduler", false, false, false, Map.of());

            Findings findings = examine(text -> at(broker, text), NO_CLOUD);

            assertThat(findings.get("rabbitmq").level()).isEqualTo(Level.PROBLEM);
            assertThat(findings.get("rabbitmq").text())
                    .contains("exchange 'openstack'", "durable", "amqp_durable_queues");
            assertThatThrownBy(
                            () -> connection.createChannel().queueDeclarePassive("cinder-volume"))
                    .as("nothing was made")
                    .isInstanceOf(IOException.class);

            channel.exchangeDelete("openstack");
            assertThat(examine(text -> at(broker, text), NO_CLOUD).get("rabbitmq").level())
                    .isEqualTo(Level.OK);
            channel.queueDelete("cinder-scheduler");
        }
    }

    private static String at(RabbitBroker broker, String text) {
        return text.replace(
                "rabbit://u:p@127.0.0.1:1/", broker.uri("doctor").replace("amqp://", "rabbit://"));
    }

    @Test
    void aCloudThatAnswersInPart() throws Exception {
        Findings findings = examine(text -> text, _ -> Optional.of(new FakeCloud()));

        assertThat(findings.get("keystone").level()).isEqualTo(Level.OK);
        assertThat(findings.get("glance"))
                .isEqualTo(Finding.ok("glance", "at http://glance.example:9292"));
        assertThat(findings.get("nova").level()).isEqualTo(Level.PROBLEM);
        assertThat(findings.get("nova").text()).contains("no endpoint");
        assertThat(findings.get("nova").remedy()).contains("[keystone_authtoken]");
        assertThat(findings.get("backend").level()).isEqualTo(Level.OK);
    }

    /** A cloud without Nova. */
    private static final class FakeCloud implements Cloud {
        @Override
        public String endpoint(String service) {
            if (service.equals("image")) {
                return "http://glance.example:9292";
            }
            throw new IllegalStateException("the catalogue has no endpoint for " + service);
        }

        @Override
        public List<ComputeHost> computeHosts() {
            return List.of();
        }

        @Override
        public List<VolumeService> volumeServices() {
            return List.of(new VolumeService("ctl@virtman", true, true));
        }

        @Override
        public void close() {}
    }
}
