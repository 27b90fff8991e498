package io.virtman.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.openstack.FakeOpenStack.Reply;
import io.virtman.openstack.http.OpenStackException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Volumes, their types and snapshots, as Cinder describes them and as a broken one might. */
class VolumesTest {
    private static final String CINDER = "/v3/" + FakeOpenStack.PROJECT;
    private static final String TYPE = "1780caaf-c838-4431-83d7-241cf13f1c0a";
    private static final String VOLUME =
            """
            {"volume": {"id": "v1", "size": 3, "status": "in-use", "volume_type": "fast",
             "bootable": "true", "metadata": {"a": "b"}, "encrypted": false}}
            """;
    private static final String SNAPSHOT =
            """
            {"id": "s1", "volume_id": "v1", "size": 3, "status": "available", "name": "boot-7",
             "metadata": {}, "os-extended-snapshot-attributes:project_id": "p1"}
            """;

    private final FakeOpenStack cloud = new FakeOpenStack();
    private final ServiceSession session = cloud.session();
    private final Volumes volumes = new Volumes(session);

    @AfterEach
    void close() {
        session.close();
        cloud.close();
    }

    @Test
    void readsAVolume() {
        cloud.serve(CINDER + "/volumes/v1", VOLUME);
        assertThat(volumes.volume("v1"))
                .isEqualTo(new CinderVolume("v1", 3, "in-use", "fast", true, Map.of("a", "b")));
        assertThat(cloud.asked.getLast().microversion()).isEqualTo("volume 3.0");
        cloud.serve(CINDER + "/volumes/v2", VOLUME);
        assertThatThrownBy(() -> volumes.volume("v2"))
                .isInstanceOf(OpenStackException.Unexpected.class);
        assertThatThrownBy(() -> volumes.volume("v3"))
                .isInstanceOf(OpenStackException.NotFound.class);
        assertThatThrownBy(() -> volumes.volume("../types"))
                .isInstanceOf(OpenStackException.NotFound.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"size\": 3 | \"size\": \"3\"",
                "\"status\": \"in-use\" | \"status\": null",
                "\"bootable\": \"true\" | \"bootable\": true",
                "{\"a\": \"b\"} | {\"a\": []}",
                "\"volume\" | \"volumes\""
            })
    void refusesWrongTypes(String from, String to) {
        cloud.serve(CINDER + "/volumes/v1", VOLUME.replace(from, to));
        assertThatThrownBy(() -> volumes.volume("v1"))
                .isInstanceOf(OpenStackException.Unexpected.class);
    }

    @Test
    void deletes() {
        cloud.next(CINDER + "/volumes/v1", Reply.of(202));
        cloud.next(CINDER + "/snapshots/s1", Reply.of(202));
        assertThat(volumes.delete("v1")).isTrue();
        assertThat(volumes.delete("v1")).isFalse();
        assertThat(volumes.deleteSnapshot("s1")).isTrue();
        assertThat(volumes.deleteSnapshot("s1")).isFalse();
        cloud.serve(
                CINDER + "/volumes/v1",
                new Reply(400, "{\"badRequest\": {\"message\": \"it is in use\"}}", false));
        assertThatThrownBy(() -> volumes.delete("v1"))
                .isInstanceOfSatisfying(
                        OpenStackException.Refused.class,
                        refused -> assertThat(refused.reason()).isEqualTo("it is in use"));
    }

    @Test
    void findsATypeByIdAndByName() {
        cloud.serve(
                CINDER + "/types/" + TYPE,
                "{\"volume_type\": {\"id\": \""
                        + TYPE
                        + "\", \"name\": \"fast\", \"is_public\": true}}");
        assertThat(volumes.type(TYPE).name()).isEqualTo("fast");
        cloud.serve(CINDER + "/types?is_public=None", FakeOpenStack.recorded("volume-types.json"));
        assertThat(volumes.type("virtman").id()).isEqualTo(TYPE);
        for (String none : new String[] {"", "Virtman", "../x", TYPE.replace('1', '2')}) {
            assertThatThrownBy(() -> volumes.type(none))
                    .isInstanceOf(OpenStackException.NotFound.class);
        }
        cloud.serve(CINDER + "/types?is_public=None", Reply.of(503));
        assertThatThrownBy(() -> volumes.type("virtman"))
                .isInstanceOf(OpenStackException.Unavailable.class);
        cloud.serve(CINDER + "/types?is_public=None", "{}");
        assertThatThrownBy(() -> volumes.type("virtman"))
                .isInstanceOf(OpenStackException.Unexpected.class);
    }

    @Test
    void readsASnapshot() {
        cloud.serve(CINDER + "/snapshots/s1", "{\"snapshot\": " + SNAPSHOT + "}");
        assertThat(volumes.snapshot("s1"))
                .isEqualTo(new VolumeSnapshot("s1", "v1", 3, "available", "boot-7", "p1"));
        assertThatThrownBy(() -> volumes.snapshot("s2"))
                .isInstanceOf(OpenStackException.NotFound.class);
    }

    @Test
    void takesASnapshotOnce() {
        String path = CINDER + "/snapshots";
        cloud.next(
                path,
                new Reply(
                        202,
                        "{\"snapshot\": " + SNAPSHOT.replace("available", "creating") + "}",
                        false));
        assertThat(volumes.takeSnapshot("v1", "boot-7", Map.of("a", "b")).status())
                .isEqualTo("creating");
        assertThat(cloud.asked.getLast().body())
                .contains("\"force\":true", "\"volume_id\":\"v1\"", "\"name\":\"boot-7\"")
                .contains("\"metadata\":{\"a\":\"b\"}");
        cloud.serve(path, Reply.LOST);
        assertThatThrownBy(() -> volumes.takeSnapshot("v1", "boot-7", Map.of()))
                .isInstanceOf(OpenStackException.Unavailable.class);
        assertThat(cloud.count(path)).isEqualTo(2);
        cloud.serve(
                path,
                new Reply(413, "{\"overLimit\": {\"message\": \"SnapshotLimitExceeded\"}}", false));
        assertThatThrownBy(() -> volumes.takeSnapshot("v1", "boot-7", Map.of()))
                .isInstanceOf(OpenStackException.Refused.class);
    }

    @Test
    void findsSnapshotsByName() {
        cloud.serve(
                CINDER + "/snapshots/detail?volume_id=v1",
                "{\"snapshots\": [" + SNAPSHOT + "," + SNAPSHOT.replace("boot-7", "boot-8") + "]}");
        assertThat(volumes.snapshots("v1", "boot-7")).hasSize(1);
        assertThat(volumes.snapshots("v1", "boot-9")).isEmpty();
        cloud.serve(CINDER + "/snapshots/detail?volume_id=v1", "{}");
        assertThatThrownBy(() -> volumes.snapshots("v1", "boot-7"))
                .isInstanceOf(OpenStackException.Unexpected.class);
    }

    @Test
    void readsLimits() {
        cloud.serve(
                CINDER + "/limits",
                """
                {"limits": {"rate": [], "absolute": {
                 "maxTotalVolumes": 10, "maxTotalSnapshots": -1, "maxTotalVolumeGigabytes": 1000,
                 "totalVolumesUsed": 1, "totalGigabytesUsed": 7, "totalSnapshotsUsed": 2}}}
                """);
        assertThat(volumes.limits())
                .isEqualTo(
                        new VolumeLimits(new Quota(10, 1), new Quota(-1, 2), new Quota(1000, 7)));
        cloud.serve(CINDER + "/limits", "{\"limits\": {\"absolute\": {}}}");
        assertThatThrownBy(volumes::limits).isInstanceOf(OpenStackException.Unexpected.class);
    }
}
