package io.virtman.cinder.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.cinder.database.Seed;
import io.virtman.cinder.database.TestCinder;
import io.virtman.cinder.engine.EngineDisk;
import io.virtman.problem.ProblemException.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Extensions that a host doesn't answer, and what comes of disks that are larger than known. */
class VolumeExtendTest extends FlowTest {
    VolumeExtendTest(TestCinder cinder) {
        super(cinder);
    }

    private List<String> extending(String volume, int by) throws Exception {
        cinder.update(
                "UPDATE volumes SET status = 'extending', previous_status = 'available'"
                        + " WHERE id = ?",
                volume);
        return List.of(
                seed.reservation("gigabytes", by), seed.reservation("gigabytes_virtman", by));
    }

    private void assertExtension(String volume, int size, String status) throws Exception {
        assertThat(cinder.one("SELECT size, status FROM volumes WHERE id = ?", volume))
                .isEqualTo(size + "|" + status);
        assertThat(seed.usage()).isEqualTo(Seed.usage(1, size, 0));
        assertDone();
    }

    @Test
    void aHostThatDoesNotAnswerIsAskedAgain() throws Exception {
        String volume = written(2);
        Request request = request();
        List<String> reservations = extending(volume, 3);
        engine.fail("extend", Kind.UNAVAILABLE);
        assertThatThrownBy(() -> flow.extend().run(request, volume, 5, reservations))
                .isInstanceOf(DeferredRequestException.class);
        assertThat(status(volume)).isEqualTo("extending");

        engine.fail("extend", null);
        flow.extend().run(request, volume, 5, reservations);

        assertExtension(volume, 5, "available");
        assertThat(engine.disk(HOST, Names.disk(volume)).orElseThrow().bytes()).isEqualTo(5L * GIB);
    }

    @Test
    void anExtensionWhoseAnswerWasLostIsDone() throws Exception {
        String volume = written(2);
        Request request = request();
        List<String> reservations = extending(volume, 3);
        engine.fail("extend", Kind.UNAVAILABLE);
        assertThatThrownBy(() -> flow.extend().run(request, volume, 5, reservations))
                .isInstanceOf(DeferredRequestException.class);
        engine.put(HOST, new EngineDisk(Names.disk(volume), 5L * GIB, true, false)); // it heeded

        engine.fail("extend", Kind.INVALID); // a node refuses what changes nothing
        flow.extend().run(request, volume, 5, reservations);

        assertExtension(volume, 5, "available");
    }

    @Test
    void aHostThatNeverAnswersIsAnErrorInTheEnd() throws Exception {
        String volume = written(2);
        Request request = request();
        List<String> reservations = extending(volume, 3);
        engine.fail("disk", Kind.UNAVAILABLE);
        for (int i = 0; i < 19; i++) {
            assertThatThrownBy(() -> flow.extend().run(request, volume, 5, reservations))
                    .isInstanceOf(DeferredRequestException.class);
        }

        flow.extend().run(request, volume, 5, reservations);

        assertExtension(volume, 2, "error_extending");
        assertThat(messages()).hasSize(1);
    }

    @Test
    void aSmallerExtensionThanTheOneThatWasLostIsDone() throws Exception {
        String volume = written(2);
        engine.put(HOST, new EngineDisk(Names.disk(volume), 5L * GIB, true, false));

        flow.extend().run(request(), volume, 3, extending(volume, 1));

        assertExtension(volume, 3, "available");
    }

    @Test
    void aSnapshotOfADiskLargerThanItsVolumeMakesVolumesOfTheVolumesSize() throws Exception {
        String volume = written(2);
        engine.put(HOST, new EngineDisk(Names.disk(volume), 5L * GIB, true, false));
        String snapshot = seed.snapshot(volume, 2, "creating");
        Thread sealer = sealer(snapshot);
        flow.snapshot().run(request(), snapshot);
        sealer.join();
        String copy = seed.creating(2);
        cinder.update("UPDATE volumes SET snapshot_id = ? WHERE id = ?", snapshot, copy);

        flow.create().run(request(), copy, null, null);
        attached(copy, OTHER);

        // the image would not fit in less
        assertThat(engine.disk(OTHER, Names.disk(copy)).orElseThrow().bytes()).isEqualTo(5L * GIB);
    }
}
