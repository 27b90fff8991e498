package io.virtman.cinder.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.cinder.database.OldAttachments.Detached;
import io.virtman.cinder.database.OldAttachments.Done;
import io.virtman.cinder.database.OldAttachments.NoVolume;
import io.virtman.cinder.database.OldAttachments.Refused;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AttachmentsTest extends CinderTest {
    private static final String CONNECTOR = "{\"host\": \"c1\", \"ip\": \"10.0.0.1\"}";

    AttachmentsTest(TestCinder cinder) {
        super(cinder);
    }

    @BeforeEach
    void seed() throws Exception {}

    private Outcome begin(String attachment) {
        return outcome(tx -> Attachments.begin(tx, attachment, CONNECTOR, "c1", "/dev/vda", "rw"));
    }

    private String attachment(String id) throws Exception {
        return cinder.one(
                "SELECT attach_status, connector, attached_host, mountpoint, attach_time,"
                        + " attach_mode, updated_at, connection_info, deleted"
                        + " FROM volume_attachment WHERE id = ?",
                id);
    }

    private String status(String volume) throws Exception {
        return cinder.one("SELECT status, attach_status FROM volumes WHERE id = ?", volume);
    }

    @Test
    void aReservedAttachmentGetsItsHost() throws Exception {
        String volume = seed.volume(1, "available");
        String instance = Seed.uuid();
        String id = seed.reserved(volume, instance);

        assertThat(begin(id)).isEqualTo(Outcome.DONE);
        assertThat(begin(id)).isEqualTo(Outcome.DONE); // delivered twice

        assertThat(attachment(id))
                .isEqualTo(
                        "attaching|"
                                + CONNECTOR
                                + "|c1|/dev/vda|2026-03-04 05:06:07|rw|2026-03-04 05:06:07|{}|0");
        assertThat(status(volume)).isEqualTo("attaching|attaching");
        assertThat(rows(tx -> Attachments.ofVolume(tx, volume)))
                .singleElement()
                .satisfies(found -> {
                    assertThat(found.instanceUuid()).isEqualTo(instance);
                    assertThat(found.connector()).isEqualTo(CONNECTOR);
                });
    }

    @Test
    void deletedAttachmentsAndVolumesBeingDeletedStay() throws Exception {
        String volume = seed.volume(1, "available");
        String id = seed.reserved(volume, null);
        cinder.update("UPDATE volumes SET status = 'deleting' WHERE id = ?", volume);

        assertThat(begin(id)).isEqualTo(Outcome.NOT_EXPECTED);
        cinder.update("UPDATE volumes SET deleted = 1 WHERE id = ?", volume);
        assertThat(begin(id)).isEqualTo(Outcome.GONE);
        cinder.update("UPDATE volume_attachment SET deleted = 1 WHERE id = ?", id);
        assertThat(begin(id)).isEqualTo(Outcome.GONE);

        assertThat(attachment(id)).startsWith("reserved|null|null|null|null|null|");
        assertThat(status(volume)).isEqualTo("deleting|reserved");
    }

    @Test
    void theModeIsTheAttachmentsOwnOrTheConnectors() {
        assertThat(mode("ro").mode("rw")).isEqualTo("ro");
        assertThat(mode("null").mode("ro")).isEqualTo("ro");
        assertThat(mode("null").mode(null)).isEqualTo("rw");
        assertThat(mode(null).mode("ro")).isEqualTo("ro");
    }

    private static Attachment mode(@Nullable String mode) {
        return new Attachment("a", "v", null, null, null, "reserved", mode, null, null, null);
    }

    private Detached detach(Database.Work<Detached> work) {
        return change(work);
    }

    private OldAttachments.Attached attach(String volume, String instance, String mode) {
        return change(tx -> OldAttachments.attach(tx, volume, instance, null, "/dev/vdb", mode));
    }

    @Test
    void oldStyleAttachAndDetach() throws Exception {
        String volume = seed.volume(1, "attaching");
        String instance = Seed.uuid();
        seed.admin(volume, "readonly", "False");

        Done first = (Done) attach(volume, instance, "rw");
        Done again = (Done) attach(volume, instance, "rw");

        assertThat(first.attachment().attachStatus()).isEqualTo("attached");
        assertThat(again.attachment().id()).isEqualTo(first.attachment().id());
        assertThat(attachment(first.attachment().id()))
                .isEqualTo(
                        "attached|null|null|/dev/vdb|2026-03-04 05:06:07|rw|2026-03-04 05:06:07|null|0");
        assertThat(status(volume)).isEqualTo("in-use|attached");
        assertThat(entries(tx -> Volumes.adminMetadata(tx, volume)))
                .containsEntry("attached_mode", "rw");

        assertThat(detach(tx -> OldAttachments.detach(tx, volume, first.attachment().id())))
                .isEqualTo(Detached.DONE);

        assertThat(
                        cinder.one(
                                "SELECT attach_status, deleted, deleted_at, detach_time,"
                                        + " updated_at FROM volume_attachment"))
                .isEqualTo(
                        "detached|1|2026-03-04 05:06:07|2026-03-04 05:06:07|2026-03-04 05:06:07");
        assertThat(status(volume)).isEqualTo("available|detached");
        assertThat(entries(tx -> Volumes.adminMetadata(tx, volume))).containsOnlyKeys("readonly");
    }

    @Test
    void oldStyleToHostsAndWithoutId() throws Exception {
        String volume = seed.volume(1, "attaching");
        change(tx -> OldAttachments.attach(tx, volume, null, "backup-1", "/dev/x", "ro"));
        OldAttachments.Attached again =
                change(tx -> OldAttachments.attach(tx, volume, null, "backup-1", "/dev/x", "ro"));
        assertThat(again).isInstanceOf(Done.class);

        assertThat(detach(tx -> OldAttachments.detach(tx, volume, null))).isEqualTo(Detached.DONE);
        assertThat(status(volume)).isEqualTo("available|detached");

        cinder.update("UPDATE volumes SET status = 'detaching' WHERE id = ?", volume);
        assertThat(detach(tx -> OldAttachments.detach(tx, volume, null))).isEqualTo(Detached.DONE);
        assertThat(status(volume)).isEqualTo("available|detached");
        cinder.update("UPDATE volumes SET status = 'detaching' WHERE id = ?", volume);
        assertThat(detach(tx -> OldAttachments.detach(tx, volume, "unknown")))
                .isEqualTo(Detached.DONE);
        assertThat(status(volume)).isEqualTo("available|detached");
        assertThat(detach(tx -> OldAttachments.detach(tx, "no", null)))
                .isEqualTo(Detached.NO_VOLUME);
    }

    @Test
    void oldStyleRefusals() throws Exception {
        String volume = seed.volume(1, "attaching");
        seed.admin(volume, "readonly", "True");
        seed.admin(volume, "attached_mode", "ro");

        assertThat(attach("no", Seed.uuid(), "rw")).isEqualTo(new NoVolume());
        assertThat(attach(volume, Seed.uuid(), "rw"))
                .isEqualTo(new Refused("InvalidVolume", "being attached by different mode", false));
        cinder.update("UPDATE volumes SET status = 'available' WHERE id = ?", volume);
        assertThat(attach(volume, Seed.uuid(), "rw"))
                .isEqualTo(new Refused("InvalidVolumeAttachMode", "", true));
        assertThat(cinder.one("SELECT attach_status FROM volume_attachment"))
                .isEqualTo("error_attaching");
        assertThat(attach(volume, "not-a-uuid", "ro"))
                .isEqualTo(new Refused("InvalidUUID", "", false));
        cinder.update("UPDATE volumes SET status = 'in-use' WHERE id = ?", volume);
        assertThat(((Refused) attach(volume, Seed.uuid(), "ro")).reason())
                .contains("already attached");
        assertThat(detach(tx -> OldAttachments.detach(tx, volume, null)))
                .isEqualTo(Detached.AMBIGUOUS);
    }

    @Test
    void whatRemainsDecidesTheStatus() throws Exception {
        String volume = seed.volume(1, "available");
        String first = seed.reserved(volume, Seed.uuid());
        String second = seed.reserved(volume, Seed.uuid());
        String failed = seed.reserved(volume, Seed.uuid());
        cinder.update(
                "UPDATE volume_attachment SET attach_status = 'attached' WHERE id = ?", second);
        cinder.update(
                "UPDATE volume_attachment SET attach_status = 'error_attaching' WHERE id = ?",
                failed);

        change(tx -> OldAttachments.detach(tx, volume, first));
        assertThat(status(volume)).isEqualTo("in-use|attached");
        cinder.update("UPDATE volumes SET status = 'uploading' WHERE id = ?", volume);
        change(tx -> OldAttachments.detach(tx, volume, second));
        assertThat(status(volume)).isEqualTo("uploading|detached");
    }
}
