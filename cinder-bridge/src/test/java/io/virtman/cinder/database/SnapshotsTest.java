package io.virtman.cinder.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SnapshotsTest extends CinderTest {
    SnapshotsTest(TestCinder cinder) {
        super(cinder);
    }

    private String row(String id) throws Exception {
        return cinder.one(
                "SELECT status, progress, provider_location, encryption_key_id, updated_at,"
                        + " deleted, deleted_at FROM snapshots WHERE id = ?",
                id);
    }

    @Test
    void becomesAvailableWithTheImagesMetadataOfABootableVolume() throws Exception {
        String volume = seed.volume(2, "in-use");
        cinder.update(
                "UPDATE volumes SET bootable = 1, encryption_key_id = 'k' WHERE id = ?", volume);
        seed.glance("volume_id", volume, "os_type", "linux");
        String id = seed.snapshot(volume, 2, "creating");

        assertThat(outcome(tx -> Snapshots.available(tx, id, "virtman:s"))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> Snapshots.available(tx, id, "virtman:s")))
                .isEqualTo(Outcome.NOT_EXPECTED);

        assertThat(row(id)).isEqualTo("available|100%|virtman:s|k|2026-03-04 05:06:07|0|null");
        assertThat(entries(tx -> Snapshots.glanceMetadata(tx, id)))
                .containsExactly(Map.entry("os_type", "linux"));
        assertThat(cinder.one("SELECT status FROM volumes WHERE id = ?", volume))
                .isEqualTo("in-use");
    }

    @Test
    void ofAVolumeThatIsNotBootableHasNone() throws Exception {
        String volume = seed.volume(2, "available");
        seed.glance("volume_id", volume, "os_type", "linux");
        String id = seed.snapshot(volume, 2, "creating");

        outcome(tx -> Snapshots.available(tx, id, "virtman:s"));

        assertThat(entries(tx -> Snapshots.glanceMetadata(tx, id))).isEmpty();
        cinder.update("UPDATE volumes SET deleted = 1");
        String orphan = seed.snapshot(volume, 2, "creating");
        assertThat(outcome(tx -> Snapshots.available(tx, orphan, "")))
                .isEqualTo(Outcome.SOURCE_GONE);
        assertThat(outcome(tx -> Snapshots.available(tx, "no", ""))).isEqualTo(Outcome.GONE);
    }

    @Test
    void failuresAndRefusals() throws Exception {
        String volume = seed.volume(2, "available");
        String creating = seed.snapshot(volume, 2, "creating");
        String busy = seed.snapshot(volume, 2, "deleting");
        String stuck = seed.snapshot(volume, 2, "deleting");

        assertThat(outcome(tx -> Snapshots.creationFailed(tx, creating))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> Snapshots.deletionRefused(tx, busy))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> Snapshots.deletionFailed(tx, stuck))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> Snapshots.deletionFailed(tx, busy)))
                .isEqualTo(Outcome.NOT_EXPECTED);

        assertThat(row(creating)).startsWith("error|");
        assertThat(row(busy)).startsWith("available|");
        assertThat(row(stuck)).startsWith("error_deleting|");
    }

    @ParameterizedTest
    @CsvSource({"1, true, 0, 0", "1, false, 2, 0", "0, true, 2, 1", ", true, 2, 1"})
    void deletionGivesBackWhatWasCounted(
            @Nullable Integer useQuota, boolean gigabytes, int left, int snapshots)
            throws Exception {
        String volume = seed.volume(5, "available");
        String id = seed.snapshot(volume, 2, "deleting");
        cinder.update("UPDATE snapshots SET use_quota = ? WHERE id = ?", useQuota, id);
        seed.glance("snapshot_id", id, "os_type", "linux");
        cinder.update(
                "INSERT INTO snapshot_metadata (deleted, snapshot_id, `key`, value)"
                        + " VALUES (0, ?, 'k', 'v')",
                id);

        assertThat(outcome(tx -> Snapshots.destroy(tx, id, gigabytes))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> Snapshots.destroy(tx, id, gigabytes))).isEqualTo(Outcome.GONE);

        assertThat(row(id)).isEqualTo("deleted|0%|null|null|null|1|2026-03-04 05:06:07");
        assertThat(cinder.one("SELECT deleted FROM snapshot_metadata")).isEqualTo("1");
        assertThat(cinder.one("SELECT deleted FROM volume_glance_metadata")).isEqualTo("1");
        assertThat(seed.usage()).isEqualTo(Seed.usage(1, 5 + left, snapshots));
    }

    @Test
    void reading() throws Exception {
        String volume = seed.volume(5, "available");
        String id = seed.snapshot(volume, 2, "available");

        Snapshot snapshot = maybe(tx -> Snapshots.find(tx, id)).orElseThrow();

        assertThat(snapshot.volumeId()).isEqualTo(volume);
        assertThat(snapshot.volumeSize()).isEqualTo(2);
        assertThat(rows(tx -> Snapshots.ofVolume(tx, volume))).isEqualTo(List.of(snapshot));
    }
}
