package io.virtman.cinder.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExtensionAndRefusalsTest extends CinderTest {
    ExtensionAndRefusalsTest(TestCinder cinder) {
        super(cinder);
    }

    private String volume(String id) throws Exception {
        return cinder.one(
                "SELECT status, previous_status, migration_status, size FROM volumes WHERE id = ?",
                id);
    }

    private String inStatus(String status, @Nullable String former) throws Exception {
        String id = seed.volume(1, status);
        cinder.update("UPDATE volumes SET previous_status = ? WHERE id = ?", former, id);
        return id;
    }

    private List<String> reserve(int gigabytes) throws Exception {
        return List.of(
                seed.reservation("gigabytes", gigabytes),
                seed.reservation("gigabytes_virtman", gigabytes));
    }

    private static String usage(int gigabytes, String reserved) {
        return Seed.usage(1, gigabytes, 0).replaceAll("(gigabytes\\w*=\\d+)", "$1" + reserved);
    }

    @Test
    void extensionCommitsItsReservationsOnce() throws Exception {
        String id = inStatus("extending", "available");
        List<String> reservations = reserve(4);
        assertThat(seed.usage()).isEqualTo(usage(1, "+4"));

        assertThat(outcome(tx -> VolumeExtension.done(tx, id, 5, reservations)))
                .isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> VolumeExtension.done(tx, id, 5, reservations)))
                .isEqualTo(Outcome.NOT_EXPECTED);

        assertThat(volume(id)).isEqualTo("available|available|null|5");
        assertThat(seed.usage()).isEqualTo(usage(5, ""));
        assertThat(cinder.list("SELECT deleted, deleted_at, updated_at FROM reservations"))
                .containsOnly("1|2026-03-04 05:06:07|2026-03-04 05:06:07");
    }

    @Test
    void extensionOfAnAttachedVolume() throws Exception {
        String id = seed.volume(1, "in-use");
        seed.reserved(id, Seed.uuid());
        cinder.update("UPDATE volumes SET status = 'extending' WHERE id = ?", id);

        outcome(tx -> VolumeExtension.done(tx, id, 2, List.of()));

        assertThat(volume(id)).startsWith("in-use|");
    }

    @Test
    void aVolumeNeverShrinks() throws Exception {
        String id = inStatus("extending", "available");

        assertThat(outcome(tx -> VolumeExtension.done(tx, id, 1, List.of())))
                .isEqualTo(Outcome.NOT_EXPECTED);
        assertThat(volume(id)).startsWith("extending|");
    }

    @Test
    void anExtensionThatIsNotExpectedGivesItsReservationsBack() throws Exception {
        String id = inStatus("available", "available");
        List<String> reservations = reserve(4);

        assertThat(outcome(tx -> VolumeExtension.done(tx, id, 5, reservations)))
                .isEqualTo(Outcome.NOT_EXPECTED);

        assertThat(volume(id)).startsWith("available|");
        assertThat(seed.usage()).isEqualTo(usage(1, ""));
    }

    @Test
    void failedExtensionRollsBackAndSaysSo() throws Exception {
        String id = inStatus("extending", "available");
        List<String> reservations = reserve(4);

        assertThat(outcome(tx -> VolumeExtension.failed(tx, id, reservations)))
                .isEqualTo(Outcome.DONE);

        assertThat(volume(id)).isEqualTo("error_extending|available|null|1");
        assertThat(seed.usage()).isEqualTo(usage(1, ""));
    }

    @Test
    void refusedExtensionLeavesTheVolumeAsItWas() throws Exception {
        String id = inStatus("extending", "in-use");
        List<String> reservations = reserve(4);

        assertThat(outcome(tx -> VolumeExtension.refused(tx, id, reservations)))
                .isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> VolumeExtension.refused(tx, id, reservations)))
                .isEqualTo(Outcome.NOT_EXPECTED);

        assertThat(volume(id)).startsWith("in-use|");
        assertThat(seed.usage()).isEqualTo(usage(1, ""));
    }

    @Test
    void reservationsOfNegativeAmountsAndTooSmallUsages() throws Exception {
        seed.volume(1, "available");
        String less = seed.reservation("gigabytes", -3);
        String more = seed.reservation("gigabytes_virtman", 5);
        cinder.update("UPDATE quota_usages SET reserved = 2 WHERE resource = 'gigabytes_virtman'");

        change(tx -> {
            Quota.commit(tx, List.of(less, more, "unknown"));
            return 0;
        });

        assertThat(seed.usage())
                .isEqualTo(
                        "volumes=1 gigabytes=0 snapshots=0 volumes_virtman=1 gigabytes_virtman=6"
                                + " snapshots_virtman=0");
    }

    @Test
    void retypeAndMigrate() throws Exception {
        String retyping = inStatus("retyping", "in-use");
        String moving = inStatus("maintenance", "available");
        String used = inStatus("in-use", "available");
        List<String> reservations = List.of(seed.reservation("volumes", 1));
        List<String> old = List.of(seed.reservation("volumes_virtman", -1));

        assertThat(outcome(tx -> Refusals.retype(tx, retyping, reservations, old)))
                .isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> Refusals.migrate(tx, moving))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> Refusals.migrate(tx, used))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> Refusals.migrate(tx, "no"))).isEqualTo(Outcome.GONE);

        assertThat(volume(retyping)).isEqualTo("in-use|in-use|null|1");
        assertThat(volume(moving)).isEqualTo("available|available|error|1");
        assertThat(volume(used)).isEqualTo("in-use|available|error|1");
        assertThat(seed.usage()).isEqualTo(Seed.usage(3, 3, 0));
        assertThat(cinder.list("SELECT deleted FROM reservations")).containsExactly("1", "1");
    }

    @ParameterizedTest
    @CsvSource({"false, available", "true, in-use"})
    void uploadGoesBackToWhatTheAttachmentsSay(boolean attached, String status) throws Exception {
        String id = seed.volume(1, "available");
        if (attached) {
            seed.reserved(id, Seed.uuid());
        }
        cinder.update("UPDATE volumes SET status = 'uploading' WHERE id = ?", id);

        assertThat(outcome(tx -> Refusals.upload(tx, id))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> Refusals.upload(tx, id))).isEqualTo(Outcome.NOT_EXPECTED);

        assertThat(volume(id)).startsWith(status + "|");
    }

    @Test
    void reimageRevertAndManage() throws Exception {
        String reimage = inStatus("downloading", "reserved");
        String revert = inStatus("reverting", "available");
        String snapshot = seed.snapshot(revert, 1, "restoring");
        String manage = inStatus("managing", null);
        String managed = seed.snapshot(revert, 1, "creating");

        assertThat(outcome(tx -> Refusals.reimage(tx, reimage))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> Refusals.revert(tx, revert, snapshot))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> Refusals.manage(tx, manage))).isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> Refusals.manageSnapshot(tx, managed))).isEqualTo(Outcome.DONE);

        assertThat(volume(reimage)).startsWith("error|downloading|");
        assertThat(volume(revert)).startsWith("available|");
        assertThat(volume(manage)).startsWith("error_managing|");
        assertThat(cinder.list("SELECT status FROM snapshots ORDER BY id"))
                .containsExactlyInAnyOrder("available", "error");
    }
}
