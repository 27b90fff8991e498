package io.virtman.cinder.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.cinder.database.VolumeDeletion.Permission;
import io.virtman.cinder.database.VolumeSource.Empty;
import io.virtman.cinder.database.VolumeSource.FromImage;
import io.virtman.cinder.database.VolumeSource.FromSnapshot;
import io.virtman.cinder.database.VolumeSource.FromVolume;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VolumesTest extends CinderTest {
    private ServiceRow service;

    VolumesTest(TestCinder cinder) {
        super(cinder);
    }

    @BeforeEach
    void seed() throws Exception {
        service = cinder.database.change(lease, tx -> Services.register(tx, TestCinder.IDENTITY));
    }

    private Permission permission(String id) {
        return change(tx -> VolumeDeletion.permission(tx, id, TestCinder.BACKEND));
    }

    private Outcome available(String id, VolumeSource source) {
        return outcome(tx -> VolumeCreation.available(tx, service, id, source, "virtman:x"));
    }

    private String volume(String id) throws Exception {
        return cinder.one(
                "SELECT status, attach_status, bootable, launched_at, updated_at, service_uuid,"
                        + " shared_targets, provider_location, deleted FROM volumes WHERE id = ?",
                id);
    }

    private List<String> glance(String column, String id) throws Exception {
        return cinder.list(
                "SELECT `key`, value, deleted FROM volume_glance_metadata WHERE "
                        + column
                        + " = ? ORDER BY `key`",
                id);
    }

    @Test
    void emptyVolumeBecomesAvailable() throws Exception {
        String id = seed.creating(3);
        Worker worker = change(tx -> Workers.claim(tx, service, Worker.VOLUME, id, "creating"));

        assertThat(available(id, new Empty())).isEqualTo(Outcome.DONE);
        assertThat(holds(tx -> Workers.finish(tx, worker))).isTrue();

        assertThat(volume(id))
                .isEqualTo(
                        "available|detached|0|2026-03-04 05:06:07|2026-03-04 05:06:07|"
                                + service.uuid()
                                + "|0|virtman:x|0");
        assertThat(cinder.list("SELECT * FROM workers")).isEmpty();
        assertThat(seed.usage()).isEqualTo(Seed.usage(1, 3, 0));
    }

    @Test
    void volumeFromImageIsBootableAndHasTheImagesMetadata() throws Exception {
        String id = seed.creating(1);

        assertThat(outcome(tx -> VolumeCreation.downloading(tx, service, id)))
                .isEqualTo(Outcome.DONE);
        assertThat(cinder.one("SELECT status, service_id FROM workers WHERE resource_id = ?", id))
                .isEqualTo("downloading|" + service.id());
        assertThat(
                        available(
                                id,
                                new FromImage(
                                        Map.of("image_id", "i", "hw_disk_bus", "scsi", "é", "ü"))))
                .isEqualTo(Outcome.DONE);

        assertThat(volume(id)).startsWith("available|detached|1|");
        assertThat(glance("volume_id", id))
                .containsExactlyInAnyOrder("hw_disk_bus|scsi|0", "image_id|i|0", "é|ü|0");
    }

    @Test
    void volumeFromSnapshotInheritsWhenTheOriginIsBootableNow() throws Exception {
        String origin = seed.volume(1, "available");
        String snapshot = seed.snapshot(origin, 1, "available");
        seed.glance("snapshot_id", snapshot, "os_type", "linux");
        String plain = seed.creating(1);
        String bootable = seed.creating(1);

        assertThat(available(plain, new FromSnapshot(snapshot))).isEqualTo(Outcome.DONE);
        cinder.update("UPDATE volumes SET bootable = 1 WHERE id = ?", origin);
        assertThat(available(bootable, new FromSnapshot(snapshot))).isEqualTo(Outcome.DONE);

        assertThat(volume(plain)).startsWith("available|detached|0|");
        assertThat(glance("volume_id", plain)).isEmpty();
        assertThat(volume(bootable)).startsWith("available|detached|1|");
        assertThat(glance("volume_id", bootable)).containsExactly("os_type|linux|0");
    }

    @Test
    void volumeFromVolumeInherits() throws Exception {
        String origin = seed.volume(1, "in-use");
        cinder.update("UPDATE volumes SET bootable = 1 WHERE id = ?", origin);
        seed.glance("volume_id", origin, "os_type", "linux");
        seed.glance("volume_id", origin, "gone", "x");
        cinder.update("UPDATE volume_glance_metadata SET deleted = 1 WHERE `key` = 'gone'");
        String id = seed.creating(2);

        assertThat(available(id, new FromVolume(origin))).isEqualTo(Outcome.DONE);

        assertThat(volume(id)).startsWith("available|detached|1|");
        assertThat(glance("volume_id", id)).containsExactly("os_type|linux|0");
    }

    @Test
    void withoutItsSourceNothingIsMade() throws Exception {
        String origin = seed.volume(1, "available");
        String snapshot = seed.snapshot(origin, 1, "available");
        String id = seed.creating(1);
        String before = volume(id);
        cinder.update("UPDATE snapshots SET deleted = 1 WHERE id = ?", snapshot);

        assertThat(available(id, new FromSnapshot(snapshot))).isEqualTo(Outcome.SOURCE_GONE);
        assertThat(available(id, new FromVolume(Seed.uuid()))).isEqualTo(Outcome.SOURCE_GONE);

        assertThat(volume(id)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"available", "deleting", "error", "in-use", "deleted"})
    void whatIsNotBeingCreatedStaysAsItIs(String status) throws Exception {
        String id = seed.volume(1, status);
        String before = volume(id);
        FromImage source = new FromImage(Map.of("image_id", "i"));

        assertThat(available(id, source)).isEqualTo(Outcome.NOT_EXPECTED);
        assertThat(outcome(tx -> VolumeCreation.failed(tx, id))).isEqualTo(Outcome.NOT_EXPECTED);
        assertThat(outcome(tx -> VolumeCreation.downloading(tx, service, id)))
                .isEqualTo(Outcome.NOT_EXPECTED);

        assertThat(volume(id)).isEqualTo(before);
        assertThat(glance("volume_id", id)).isEmpty();
        assertThat(available(Seed.uuid(), source)).isEqualTo(Outcome.GONE);
    }

    @Test
    void aMigrationTargetBecomesOne() throws Exception {
        String id = seed.volume(1, "migration_target_creating");

        assertThat(available(id, new Empty())).isEqualTo(Outcome.DONE);

        assertThat(volume(id)).startsWith("migration_target|");
    }

    @Test
    void failureIsAnErrorAndKeepsTheQuota() throws Exception {
        String id = seed.creating(5);

        assertThat(outcome(tx -> VolumeCreation.failed(tx, id))).isEqualTo(Outcome.DONE);

        assertThat(volume(id)).startsWith("error|detached|0|null|2026-03-04 05:06:07|null|");
        assertThat(seed.usage()).isEqualTo(Seed.usage(1, 5, 0));
    }

    @Test
    void deletionRemovesAllRowsAndGivesTheQuotaBackOnce() throws Exception {
        String other = seed.volume(7, "available");
        seed.admin(other, "readonly", "False");
        String id = seed.volume(3, "deleting");
        String snapshot = seed.snapshot(id, 3, "deleting");
        seed.glance("volume_id", id, "image_id", "i");
        seed.admin(id, "readonly", "False");
        seed.reserved(id, Seed.uuid());
        cinder.update("UPDATE volumes SET status = 'deleting' WHERE id = ?", id);
        cinder.update(
                "INSERT INTO volume_metadata (deleted, volume_id, `key`, value) VALUES (0, ?, 'k',"
                        + " 'v')",
                id);
        cinder.update(
                "INSERT INTO transfers (deleted, id, volume_id, salt) VALUES (0, 't', ?, 's')", id);
        assertThat(permission(id)).isEqualTo(Permission.GRANTED);

        assertThat(outcome(tx -> Snapshots.destroy(tx, snapshot, true))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> VolumeDeletion.destroy(tx, id))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> VolumeDeletion.destroy(tx, id))).isEqualTo(Outcome.GONE);

        assertThat(
                        cinder.one(
                                "SELECT status, deleted, deleted_at, migration_status, updated_at"
                                        + " FROM volumes WHERE id = ?",
                                id))
                .isEqualTo("deleted|1|2026-03-04 05:06:07|null|null");
        for (String table :
                List.of(
                        "volume_metadata",
                        "volume_admin_metadata",
                        "snapshots",
                        "transfers",
                        "volume_glance_metadata",
                        "volume_attachment")) {
            assertThat(
                            cinder.list(
                                    "SELECT deleted, deleted_at FROM "
                                            + table
                                            + " WHERE volume_id = ?",
                                    id))
                    .as(table)
                    .containsOnly("1|2026-03-04 05:06:07");
        }
        assertThat(
                        cinder.one(
                                "SELECT deleted FROM volume_admin_metadata WHERE volume_id = ?",
                                other))
                .isEqualTo("0");
        assertThat(seed.usage()).isEqualTo(Seed.usage(1, 7, 0));
        assertThat(permission(id)).isEqualTo(Permission.GONE);
    }

    @Test
    void whoMayBeDeleted() throws Exception {
        String attached = seed.volume(1, "deleting");
        String foreign = seed.volume(1, "deleting");
        String unscheduled = seed.volume(1, "deleting");
        cinder.update("UPDATE volumes SET attach_status = 'attached' WHERE id = ?", attached);
        cinder.update("UPDATE volumes SET host = 'ctl@virtman2#p' WHERE id = ?", foreign);
        cinder.update("UPDATE volumes SET host = NULL WHERE id = ?", unscheduled);

        assertThat(List.of(attached, foreign, unscheduled).stream().map(this::permission))
                .containsExactly(Permission.ATTACHED, Permission.FOREIGN, Permission.GRANTED);
    }

    @ParameterizedTest
    @CsvSource({
        "use_quota = 0,                        no",
        "migration_status = 'migrating',       no",
        "migration_status = 'target:x',        no",
        "status = 'error_managing_deleting',   no",
        "use_quota = NULL,                     yes",
        "migration_status = 'error',           yes",
        "migration_status = 'success',         yes",
    })
    void whatWasNeverCountedIsNotGivenBack(String condition, String counted) throws Exception {
        String id = seed.volume(4, "deleting");
        cinder.update("UPDATE volumes SET " + condition + " WHERE id = ?", id);

        assertThat(outcome(tx -> VolumeDeletion.destroy(tx, id))).isEqualTo(Outcome.DONE);

        assertThat(seed.usage())
                .isEqualTo(counted.equals("yes") ? Seed.usage(0, 0, 0) : Seed.usage(1, 4, 0));
    }

    @Test
    void temporaryVolumesAndMissingOrSmallUsages() throws Exception {
        String temporary = seed.volume(4, "deleting");
        seed.admin(temporary, "temporary", "True");
        String id = seed.volume(4, "deleting");
        cinder.update("UPDATE quota_usages SET in_use = 1 WHERE resource = 'gigabytes'");
        cinder.update("DELETE FROM quota_usages WHERE resource = 'volumes_virtman'");
        cinder.update("UPDATE volume_types SET deleted = 1");

        outcome(tx -> VolumeDeletion.destroy(tx, temporary));
        outcome(tx -> VolumeDeletion.destroy(tx, id));

        assertThat(seed.usage())
                .isEqualTo(
                        "volumes=1 gigabytes=0 snapshots=0 gigabytes_virtman=4"
                                + " snapshots_virtman=0");
    }

    @Test
    void busyAndFailedDeletions() throws Exception {
        String busy = seed.volume(1, "deleting");
        String failed = seed.volume(1, "deleting");
        String target = seed.volume(1, "deleting");
        String reset = seed.volume(1, "available");
        cinder.update(
                "UPDATE volumes SET migration_status = 'target:x', use_quota = 0 WHERE id = ?",
                target);

        assertThat(outcome(tx -> VolumeDeletion.refused(tx, busy))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> VolumeDeletion.failed(tx, failed))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> VolumeDeletion.failed(tx, target))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> VolumeDeletion.failed(tx, reset))).isEqualTo(Outcome.NOT_EXPECTED);
        assertThat(outcome(tx -> VolumeDeletion.failed(tx, "no"))).isEqualTo(Outcome.GONE);

        assertThat(volume(busy)).startsWith("available|").endsWith("|0");
        assertThat(volume(failed)).startsWith("error_deleting|").endsWith("|0");
        assertThat(volume(target)).startsWith("deleted|").endsWith("|1");
        assertThat(volume(reset)).startsWith("available|");
        assertThat(seed.usage()).isEqualTo(Seed.usage(4, 4, 0));
    }

    @Test
    void readingWhatTheApiWrote() throws Exception {
        String id = seed.volume(3, "available");
        seed.admin(id, "readonly", "False");
        seed.volume(1, "available");
        cinder.update("UPDATE volumes SET host = 'ctl@virtmanX#p' WHERE id <> ?", id);

        Volume volume = cinder.database.read(tx -> Volumes.find(tx, id)).orElseThrow();

        assertThat(volume.size()).isEqualTo(3);
        assertThat(volume.projectId()).isEqualTo(Seed.PROJECT);
        assertThat(volume.useQuota()).isTrue();
        assertThat(volume.createdAt()).isEqualTo("2026-03-04T05:00:00Z");
        assertThat(volume.launchedAt()).isNull();
        assertThat(entries(tx -> Volumes.adminMetadata(tx, id)))
                .isEqualTo(Map.of("readonly", "False"));
        assertThat(rows(tx -> Volumes.ofBackend(tx, "ctl@virtman", "", 10)))
                .containsExactly(volume);
        assertThat(rows(tx -> Volumes.ofBackend(tx, "ctl@virtman", id, 10))).isEmpty();
        assertThat(rows(tx -> Volumes.ofBackend(tx, "ctl@virtma_", "", 10))).isEmpty();
        assertThat(maybe(tx -> Volumes.find(tx, "'; --"))).isEmpty();
    }
}
