package io.virtman.cinder.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.cinder.database.VolumeSource.Empty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CinderSchemaTest extends CinderTest {
    private boolean changed;

    CinderSchemaTest(TestCinder cinder) {
        super(cinder);
    }

    private void alter(String sql) throws Exception {
        changed = true;
        cinder.execute(sql);
    }

    @AfterEach
    void restore() throws Exception {
        if (changed) {
            cinder.createCinder("zed.sql.gz");
            cinder.execute(TestCinder.grants());
        }
    }

    @Test
    void zedIsKnown() {
        assertThat(rows(CinderSchema::differences)).isEmpty();
        CinderSchema.require(cinder.database, false);
    }

    /** Its differences are derived from its migrations: see the file. */
    @Test
    void release2026IsKnownAndAVolumeLivesAndDiesInIt() throws Exception {
        changed = true;
        cinder.load("2026.1-derived.sql");
        CinderSchema.require(cinder.database, false);
        ServiceRow service = change(tx -> Services.register(tx, TestCinder.IDENTITY));
        String id = seed.creating(2);
        String snapshot = seed.snapshot(id, 2, "creating");

        assertThat(outcome(tx -> VolumeCreation.available(tx, service, id, new Empty(), "")))
                .isEqualTo(Outcome.DONE);
        assertThat(outcome(tx -> Snapshots.available(tx, snapshot, ""))).isEqualTo(Outcome.DONE);
        String attachment = seed.reserved(id, Seed.uuid());
        assertThat(outcome(tx -> Attachments.begin(tx, attachment, "{}", "h", "na", "rw")))
                .isEqualTo(Outcome.DONE);
        outcome(tx -> Snapshots.destroy(tx, snapshot, true));
        assertThat(outcome(tx -> VolumeDeletion.destroy(tx, id))).isEqualTo(Outcome.DONE);
        assertThat(seed.usage()).isEqualTo(Seed.usage(0, 0, 0));
    }

    @Test
    void unknownOnesAreRefusedInOneLineThatNamesWhatDiffers() throws Exception {
        alter(
                "ALTER TABLE volumes MODIFY size BIGINT, DROP COLUMN launched_at;"
                        + " UPDATE alembic_version SET version_num = 'deadbeef0000'");

        assertThatThrownBy(() -> CinderSchema.require(cinder.database, false))
                .isInstanceOf(UnknownSchemaException.class)
                .hasMessage(
                        "Cinder's database is not one this version was tested with: its revision"
                                + " is deadbeef0000 (tested: c92a3e68beed to 9c74c1c6971f);"
                                + " volumes.size is bigint(20), not int;"
                                + " volumes.launched_at is missing or not granted."
                                + " Upgrade VirtMan, check etc/mysql-grants.sql, or use"
                                + " --accept-schema at your own risk");
        assertThatCode(() -> CinderSchema.require(cinder.database, true))
                .doesNotThrowAnyException();
    }

    @Test
    void aLongListIsCut() throws Exception {
        alter("SET FOREIGN_KEY_CHECKS = 0; DROP TABLE cinder.messages; SET FOREIGN_KEY_CHECKS = 1");

        assertThatThrownBy(() -> CinderSchema.require(cinder.database, false))
                .hasMessageContaining("messages.id is missing or not granted;")
                .hasMessageContaining("; and 7 more. ");
    }
}
