package io.virtman.cinder.database;

import static org.assertj.core.api.Assertions.assertThat;

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
}
