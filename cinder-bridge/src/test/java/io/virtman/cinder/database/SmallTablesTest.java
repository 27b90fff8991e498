package io.virtman.cinder.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.cinder.database.UserMessage.Action;
import io.virtman.cinder.database.UserMessage.Detail;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Messages, types, capacity. */
class SmallTablesTest extends CinderTest {
    SmallTablesTest(TestCinder cinder) {
        super(cinder);
    }

    @Test
    void messagesAreWrittenAsCinderReadsThem() throws Exception {
        String id = Seed.uuid();
        UserMessage message =
                new UserMessage(
                        Seed.PROJECT,
                        "req-1",
                        false,
                        id,
                        Action.EXTEND_VOLUME,
                        Detail.DRIVER_FAILED_EXTEND);
        UserMessage other =
                new UserMessage(
                        Seed.PROJECT,
                        null,
                        true,
                        id,
                        Action.SNAPSHOT_DELETE,
                        Detail.SNAPSHOT_IS_BUSY);

        change(tx -> {
            message.write(tx);
            other.write(tx);
            return 0;
        });

        assertThat(
                        cinder.list(
                                "SELECT project_id, request_id, resource_type, resource_uuid,"
                                        + " action_id, detail_id, event_id, message_level,"
                                        + " created_at, expires_at, deleted FROM messages"
                                        + " ORDER BY action_id"))
                .containsExactly(
                        Seed.PROJECT
                                + "|req-1|VOLUME|"
                                + id
                                + "|007|010|VOLUME_VOLUME_007_010|ERROR|2026-03-04 05:06:07"
                                + "|2026-04-03 05:06:07|0",
                        Seed.PROJECT
                                + "|null|VOLUME_SNAPSHOT|"
                                + id
                                + "|010|015|VOLUME_VOLUME_SNAPSHOT_010_015|ERROR"
                                + "|2026-03-04 05:06:07|2026-04-03 05:06:07|0");
    }

    private Optional<QosSpecs> qos() {
        return maybe(tx -> QosSpecs.ofType(tx, Seed.TYPE));
    }

    private NewVolume wanted(String id) {
        return maybe(tx -> NewVolume.find(tx, id)).orElseThrow();
    }

    @Test
    void plainTypes() throws Exception {
        String id = seed.creating(1);
        NewVolume wanted = wanted(id);

        assertThat(wanted.volume()).isEqualTo(maybe(tx -> Volumes.find(tx, id)).orElseThrow());
        assertThat(wanted.encrypted()).isFalse();
        assertThat(wanted.multiattach()).isFalse();
        assertThat(wanted.limited()).isFalse();
        assertThat(qos()).isEmpty();
    }

    @Test
    void whatIsGoneIsNotToBeMade() throws Exception {
        String id = seed.creating(1);
        cinder.update("UPDATE volumes SET deleted = 1 WHERE id = ?", id);

        assertThat(maybe(tx -> NewVolume.find(tx, id))).isEmpty();
        assertThat(maybe(tx -> NewVolume.find(tx, "no"))).isEmpty();
    }

    @Test
    void qosOfTypes() throws Exception {
        String id = seed.creating(1);
        cinder.execute(
                """
                INSERT INTO quality_of_service_specs (deleted, id, specs_id, `key`, value) VALUES
                    (0, 'q', NULL, 'QoS_Specs_Name', 'fast'),
                    (0, 'q1', 'q', 'consumer', 'both'),
                    (0, 'q2', 'q', 'total_iops_sec', '500'),
                    (1, 'q3', 'q', 'read_iops_sec', '9');
                UPDATE volume_types SET qos_specs_id = 'q', deleted = 1
                """);

        assertThat(qos()).contains(new QosSpecs("both", Map.of("total_iops_sec", "500")));
        assertThat(wanted(id).limited()).isTrue();
        cinder.execute("UPDATE quality_of_service_specs SET value = 'front-end' WHERE id = 'q1'");
        assertThat(qos()).contains(new QosSpecs("front-end", Map.of("total_iops_sec", "500")));
        assertThat(wanted(id).limited()).isFalse();
        cinder.execute("UPDATE quality_of_service_specs SET deleted = 1 WHERE id = 'q1'");
        assertThat(wanted(id).limited()).as("the back end's when nobody is named").isTrue();
    }

    @Test
    void typesWithMultiattach() throws Exception {
        String id = seed.creating(1);
        cinder.execute(
                """
                INSERT INTO volume_type_extra_specs (deleted, volume_type_id, `key`, value)
                    SELECT 0, id, 'multiattach', '<is> True' FROM volume_types
                """);

        assertThat(wanted(id).multiattach()).isTrue();
        for (String other : List.of("<is> False", "<is> true", "")) {
            cinder.update(
                    "UPDATE volume_type_extra_specs SET value = ? WHERE `key` = 'multiattach'",
                    other);
            assertThat(wanted(id).multiattach()).as(other).isFalse();
        }
    }

    @Test
    void typesWithEncryption() throws Exception {
        String id = seed.creating(1);
        cinder.execute(
                """
                INSERT INTO encryption (deleted, encryption_id, volume_type_id, control_location,
                    provider) SELECT 0, 'e', id, 'front-end', 'luks' FROM volume_types
                """);

        assertThat(wanted(id).encrypted()).isTrue();
        cinder.execute("UPDATE encryption SET deleted = 1");
        assertThat(wanted(id).encrypted()).isFalse();
    }

    @Test
    void volumesOfTheirOwnAccord() throws Exception {
        String id = seed.creating(1);
        cinder.update(
                "UPDATE volumes SET multiattach = 1, encryption_key_id = ? WHERE id = ?",
                Seed.uuid(),
                id);

        assertThat(wanted(id).multiattach()).isTrue();
        assertThat(wanted(id).encrypted()).isTrue();
    }

    @Test
    void capacityByPool() throws Exception {
        seed.volume(3, "available");
        seed.volume(4, "creating");
        String gone = seed.volume(100, "available");
        cinder.update("UPDATE volumes SET deleted = 1 WHERE id = ?", gone);
        String other = seed.volume(7, "in-use");
        cinder.update("UPDATE volumes SET host = 'ctl@virtman#pool1' WHERE id = ?", other);
        String foreign = seed.volume(100, "available");
        cinder.update("UPDATE volumes SET host = 'ctl@virtman2#pool0' WHERE id = ?", foreign);

        Map<String, Capacity> capacity =
                cinder.database.read(tx -> Capacity.byPool(tx, TestCinder.BACKEND));

        assertThat(capacity)
                .isEqualTo(Map.of("pool0", new Capacity(2, 7), "pool1", new Capacity(1, 7)));
    }
}
