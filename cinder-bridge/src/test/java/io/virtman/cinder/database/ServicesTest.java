package io.virtman.cinder.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServicesTest extends CinderTest {
    private static final String OTHERS = "SELECT * FROM services WHERE host <> 'ctl@virtman'";

    private List<String> others = List.of();

    ServicesTest(TestCinder cinder) {
        super(cinder);
    }

    @BeforeEach
    void otherServices() throws Exception {
        service("api", "cinder-api", "3.0", "1.39");
        service("a", "cinder-scheduler", "3.12", "1.39");
        service("b", "cinder-scheduler", "3.12", "1.38");
        service("lvm@lvm", "cinder-volume", "3.18", "1.39");
        service("ctl@virtman", "cinder-backup", "2.4", "1.39");
        others = cinder.list(OTHERS);
    }

    private void service(String host, String binary, String rpc, String object) throws Exception {
        cinder.update(
                "INSERT INTO services (created_at, updated_at, deleted, host, `binary`, topic,"
                        + " report_count, disabled, availability_zone, rpc_current_version,"
                        + " object_current_version, uuid) VALUES ('2026-03-04 00:00:00',"
                        + " '2026-03-04 00:00:00', 0, ?, ?, ?, 7, 0, 'nova', ?, ?, ?)",
                host,
                binary,
                binary,
                rpc,
                object,
                Seed.uuid());
    }

    private ServiceRow register(ServiceIdentity identity) {
        return cinder.database.change(lease, tx -> Services.register(tx, identity));
    }

    private String row() throws Exception {
        return cinder.one(
                "SELECT host, `binary`, topic, report_count, disabled, availability_zone,"
                        + " rpc_current_version, object_current_version, replication_status,"
                        + " frozen, cluster_name, updated_at FROM services"
                        + " WHERE host = 'ctl@virtman' AND `binary` = 'cinder-volume'"
                        + " AND deleted = 0");
    }

    @Test
    void firstStartMakesARowWithTheLowestVersionOfTheSchedulers() throws Exception {
        ServiceRow service = register(TestCinder.IDENTITY);

        assertThat(row())
                .isEqualTo(
                        "ctl@virtman|cinder-volume|cinder-volume|0|0|nova|3.18|1.38|disabled|0|null"
                                + "|2026-03-04 05:06:07");
        assertThat(service.uuid()).hasSize(36);
        assertThat(cinder.list(OTHERS)).isEqualTo(others);
    }

    @Test
    void laterStartsWriteVersionsAndKeepWhatAdministratorsSet() throws Exception {
        ServiceRow first = register(TestCinder.IDENTITY);
        cinder.update(
                "UPDATE services SET disabled = 1, disabled_reason = 'tea', frozen = 1,"
                        + " rpc_current_version = NULL, object_current_version = NULL,"
                        + " cluster_name = 'c' WHERE id = ?",
                first.id());

        ServiceRow second =
                register(
                        new ServiceIdentity(
                                TestCinder.BACKEND, "az2", "3.20", Optional.of("1.39")));

        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.uuid()).isEqualTo(first.uuid());
        assertThat(second.disabled()).isTrue();
        assertThat(second.frozen()).isTrue();
        assertThat(row()).contains("|az2|3.20|1.39|disabled|1|null|");
        assertThat(cinder.list(OTHERS)).isEqualTo(others);
    }

    @Test
    void withoutSchedulerOrWithOneOfAnUnreadableVersionAKnownOneIsTaken() throws Exception {
        cinder.execute(
                "UPDATE services SET object_current_version = NULL WHERE host = 'a';"
                        + " UPDATE services SET object_current_version = 'new' WHERE host = 'b'");

        register(TestCinder.IDENTITY);

        assertThat(row()).contains("|3.18|1.39|");
    }

    @Test
    void versionsThatWouldBreakCinderAreRefused() {
        for (String version : new String[] {"", "3", "2.18", "4.0", "3.x"}) {
            assertThatThrownBy(() -> new ServiceIdentity("h@b", "nova", version, Optional.empty()))
                    .hasMessageContaining("RPC version");
        }
        assertThatThrownBy(() -> new ServiceIdentity("h@b", "nova", "3.18", Optional.of("")))
                .hasMessageContaining("object version");
        for (String host : new String[] {"h", "h@b#p", "@b", "h@"}) {
            assertThatThrownBy(() -> new ServiceIdentity(host, "nova", "3.18", Optional.empty()))
                    .hasMessageContaining("host");
        }
    }

    @Test
    void heartbeatsCountAndMarkingDownEndsThemUntilTheNext() throws Exception {
        ServiceRow service = register(TestCinder.IDENTITY);
        cinder.clock.advance(Duration.ofSeconds(10));

        assertThat(beat(service)).isTrue();
        assertThat(row()).contains("cinder-volume|1|").endsWith("2026-03-04 05:06:17");

        cinder.database.change(lease, tx -> Services.markDown(tx, service));
        assertThat(row()).endsWith("2026-03-03 05:06:17");

        assertThat(beat(service)).isTrue();
        assertThat(row()).contains("cinder-volume|2|").endsWith("2026-03-04 05:06:17");
        assertThat(cinder.list(OTHERS)).isEqualTo(others);
    }

    @Test
    void deregisteringLeavesNoPinAndTheNextStartMakesANewRow() throws Exception {
        ServiceRow service = register(TestCinder.IDENTITY);
        cinder.clock.advance(Duration.ofSeconds(10));

        assertThat(count(tx -> Services.deregister(tx, TestCinder.BACKEND))).isEqualTo(1);

        assertThat(
                        cinder.one(
                                "SELECT deleted, deleted_at, updated_at FROM services WHERE id = ?",
                                service.id()))
                .isEqualTo("1|2026-03-04 05:06:17|2026-03-04 05:06:07");
        assertThat(beat(service)).isFalse();
        assertThat(cinder.list(OTHERS)).isEqualTo(others);
        ServiceRow next = register(TestCinder.IDENTITY);
        assertThat(next.id()).isNotEqualTo(service.id());
        assertThat(next.uuid()).isNotEqualTo(service.uuid());
    }

    @Test
    void freezing() {
        ServiceRow service = register(TestCinder.IDENTITY);

        cinder.database.change(lease, tx -> Services.freeze(tx, service, true));

        assertThat(maybe(tx -> Services.find(tx, TestCinder.BACKEND)))
                .hasValueSatisfying(found -> assertThat(found.frozen()).isTrue());
    }

    private boolean beat(ServiceRow service) {
        return cinder.database.change(lease, tx -> Services.heartbeat(tx, service));
    }
}
