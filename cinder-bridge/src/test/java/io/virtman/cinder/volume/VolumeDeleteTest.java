package io.virtman.cinder.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.cinder.database.Seed;
import io.virtman.cinder.database.TestCinder;
import io.virtman.problem.ProblemException.Kind;
import org.junit.jupiter.api.Test;

/** Deleting volumes. */
class VolumeDeleteTest extends FlowTest {
    VolumeDeleteTest(TestCinder cinder) {
        super(cinder);
    }

    private void delete(String volume, boolean cascade) throws Exception {
        cinder.update("UPDATE volumes SET status = 'deleting' WHERE id = ?", volume);
        flow.delete().run(request(), volume, cascade, false);
    }

    private void assertGone(String volume) throws Exception {
        assertThat(cinder.one("SELECT deleted, status FROM volumes WHERE id = ?", volume))
                .isEqualTo("1|deleted");
        assertThat(hasLayer(volume)).isFalse();
        assertThat(seed.usage()).isEqualTo(Seed.usage(0, 0, 0));
        assertDone();
    }

    @Test
    void oneThatWasNeverAttachedIsARow() throws Exception {
        String volume = made(2, glance.raw(GIB));

        delete(volume, false);
        flow.delete().run(request(), volume, false, false);

        assertGone(volume);
        assertThat(engine.count("discard")).isZero();
    }

    @Test
    void oneThatWasWrittenGoesWithItsDisk() throws Exception {
        String volume = written(2);

        delete(volume, false);

        assertGone(volume);
        assertThat(engine.allDisks()).isEmpty();
    }

    @Test
    void aHostThatIsAwayHoldsNobodyUp() throws Exception {
        String volume = written(2);
        engine.alive(HOST, false);

        delete(volume, false);

        assertGone(volume);
        assertThat(engine.allDisks()).hasSize(1);
        engine.alive(HOST, true);
        flow.reconciler().round();
        assertThat(engine.allDisks()).isEmpty();
    }

    @Test
    void aDiskThatCanNotBeDeletedIsAnError() throws Exception {
        String volume = written(2);
        engine.fail("discard", Kind.FAILED);

        delete(volume, false);
        assertThat(status(volume)).isEqualTo("error_deleting");
        assertThat(hasLayer(volume)).isTrue();
        assertThat(seed.usage()).isEqualTo(Seed.usage(1, 2, 0));
        assertDone();

        engine.fail("discard", null);
        delete(volume, false);
        assertGone(volume);
    }

    @Test
    void itsSnapshotsGoWithItOrKeepIt() throws Exception {
        String volume = made(2, null);
        String snapshot = seed.snapshot(volume, 2, "creating");
        flow.snapshot().run(request(), snapshot);

        delete(volume, false);
        assertThat(status(volume)).isEqualTo("available");
        assertDone();

        cinder.update("UPDATE snapshots SET status = 'deleting' WHERE id = ?", snapshot);
        delete(volume, true);
        assertThat(hasLayer(snapshot)).isFalse();
        assertGone(volume);
    }

    @Test
    void whatIsAttachedOrElsewhereStays() throws Exception {
        String attached = made(1, null);
        attached(attached, HOST);
        cinder.update("UPDATE volumes SET attach_status = 'attached' WHERE id = ?", attached);
        String foreign = seed.volume(1, "available");
        cinder.update("UPDATE volumes SET host = 'ctl@lvm#lvm' WHERE id = ?", foreign);

        delete(attached, false);
        delete(foreign, false);

        assertThat(status(attached)).isEqualTo("deleting");
        assertThat(status(foreign)).isEqualTo("deleting");
        assertThat(engine.allDisks()).hasSize(1);
        assertThat(seed.usage()).isEqualTo(Seed.usage(2, 2, 0));
        assertDone();
    }

    @Test
    void aVolumeIsNotLeftToNobody() throws Exception {
        String volume = written(1);
        cinder.update("UPDATE volumes SET status = 'unmanaging' WHERE id = ?", volume);

        flow.delete().run(request(), volume, false, true);

        assertThat(status(volume)).isEqualTo("available");
        assertThat(engine.allDisks()).hasSize(1);
        assertDone();
    }
}
