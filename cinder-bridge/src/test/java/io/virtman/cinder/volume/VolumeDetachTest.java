package io.virtman.cinder.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.virtman.cinder.database.Seed;
import io.virtman.cinder.database.TestCinder;
import io.virtman.cinder.volume.VolumeSettings.ImportPolicy;
import org.junit.jupiter.api.Test;

/** A volume's file goes from a host; and connections without attachments. */
class VolumeDetachTest extends FlowTest {
    VolumeDetachTest(TestCinder cinder) {
        super(cinder);
    }

    @Test
    void detachingTakesTheFileAndKeepsTheDisk() throws Exception {
        String volume = made(1, null);
        String attachment = attached(volume, HOST);
        String before = attachmentRow(attachment);

        flow.attach().delete(attachment, volume);
        flow.attach().delete(attachment, volume);
        flow.attach().delete(Seed.uuid(), volume);

        assertThat(engine.disk(HOST, Names.disk(volume)).orElseThrow().offered()).isFalse();
        assertThat(attachmentRow(attachment)).isEqualTo(before); // the API writes it
        assertThat(status(volume)).isEqualTo("attaching");
    }

    @Test
    void anotherAttachmentOnTheHostKeepsTheFile() throws Exception {
        String volume = made(1, null);
        String one = attached(volume, HOST);
        String two = attached(volume, HOST);

        detached(volume, one);
        assertThat(engine.disk(HOST, Names.disk(volume)).orElseThrow().offered()).isTrue();
        detached(volume, two);
        assertThat(engine.disk(HOST, Names.disk(volume)).orElseThrow().offered()).isFalse();
    }

    @Test
    void detachingNeverWaitsForAHostThatIsAway() throws Exception {
        String volume = made(1, null);
        String attachment = attached(volume, HOST);
        engine.alive(HOST, false);

        detached(volume, attachment);

        engine.alive(HOST, true);
        assertThat(engine.disk(HOST, Names.disk(volume)).orElseThrow().offered()).isTrue();
        flow.reconciler().round();
        flow.reconciler().round();
        assertThat(engine.disk(HOST, Names.disk(volume)).orElseThrow().offered()).isFalse();
    }

    @Test
    void whatHasNoConnectorHasNothingToTake() throws Exception {
        String volume = made(1, null);
        String attachment = reserved(volume, HOST);

        flow.attach().delete(attachment, volume);

        assertThat(engine.count("detach")).isZero();
        String other = made(1, null);
        attached(other, HOST);
        String foreign = attached(other, HOST);
        assertThat(
                        catchThrowableOfType(
                                        VolumeFault.class,
                                        () -> flow.attach().delete(foreign, volume))
                                .type())
                .isEqualTo("InvalidInput");
        assertThat(engine.disk(HOST, Names.disk(other)).orElseThrow().offered()).isTrue();
    }

    @Test
    void oldConnectionsWriteNoRows() throws Exception {
        flow = flow(false, ImportPolicy.LAZY);
        String volume = made(1, null);

        Connection connection = flow.attach().initialize(volume, connector(HOST));
        assertThat(connection.attachmentId()).isNull();
        assertThat(cinder.one("SELECT COUNT(*) FROM volume_attachment")).isEqualTo("0");
        assertThat(status(volume)).isEqualTo("available");

        flow.attach().terminate(volume, OTHER);
        assertThat(engine.disk(HOST, Names.disk(volume)).orElseThrow().offered()).isTrue();
        flow.attach().terminate(volume, null);
        assertThat(engine.disk(HOST, Names.disk(volume)).orElseThrow().offered()).isFalse();
        flow.attach().terminate(Seed.uuid(), HOST);
    }
}
