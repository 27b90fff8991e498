package io.virtman.cinder.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.cinder.database.Seed;
import io.virtman.cinder.database.TestCinder;
import io.virtman.cinder.engine.EngineDisk;
import io.virtman.problem.ProblemException.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Making volumes larger, and what comes of disks that are larger than known. */
class VolumeExtendTest extends FlowTest {
    VolumeExtendTest(TestCinder cinder) {
        super(cinder);
    }

    private List<String> extending(String volume, int by) throws Exception {
        cinder.update(
                "UPDATE volumes SET status = 'extending', previous_status = ? WHERE id = ?",
                status(volume),
                volume);
        return List.of(
                seed.reservation("gigabytes", by), seed.reservation("gigabytes_virtman", by));
    }

    /** Of 2 to 5 GiB, by a request that may be repeated. */
    private Runnable extension(String volume) throws Exception {
        Request request = request();
        List<String> reservations = extending(volume, 3);
        return () -> flow.extend().run(request, volume, 5, reservations);
    }

    private void assertExtension(String volume, int size, String status) throws Exception {
        assertThat(cinder.one("SELECT size, status FROM volumes WHERE id = ?", volume))
                .isEqualTo(size + "|" + status);
        assertThat(seed.usage()).isEqualTo(Seed.usage(1, size, 0));
        assertThat(cinder.one("SELECT COUNT(*) FROM reservations WHERE deleted = 0"))
                .isEqualTo("0");
        assertDone();
    }

    @Test
    void withoutADiskOnlyRowsGrow() throws Exception {
        String volume = made(2, null);

        flow.extend().run(request(), volume, 5, extending(volume, 3));

        assertExtension(volume, 5, "available");
        assertThat(engine.count("extend")).isZero();
    }

    @Test
    void aDiskGrowsAndIsAttachedWithItsNewSize() throws Exception {
        String volume = written(2);
        flow.extend().run(request(), volume, 5, extending(volume, 3));

        assertExtension(volume, 5, "available");
        attached(volume, HOST);
        assertThat(engine.disk(HOST, Names.disk(volume)).orElseThrow().bytes()).isEqualTo(5L * GIB);
    }

    @Test
    void whatIsAttachedOrWouldShrinkIsAsItWas() throws Exception {
        String volume = made(3, null);
        flow.extend().run(request(), volume, 3, extending(volume, 1));
        assertExtension(volume, 3, "available");
        flow.extend().run(request(), volume, -1, extending(volume, 1));
        assertExtension(volume, 3, "available");
        attached(volume, HOST);
        cinder.update("UPDATE volumes SET status = 'in-use' WHERE id = ?", volume);
        flow.extend().run(request(), volume, 4, extending(volume, 1));
        assertExtension(volume, 3, "in-use");
        assertThat(messages())
                .hasSize(3)
                .allMatch(text -> text.startsWith("VOLUME_VOLUME_007_010"));
    }

    @Test
    void whatFailsIsAnErrorAndCostsNothing() throws Exception {
        String volume = written(2);
        engine.fail("extend", Kind.FAILED);
        flow.extend().run(request(), volume, 5, extending(volume, 3));
        assertExtension(volume, 2, "error_extending");
        engine.fail("extend", null);
        engine.lose(HOST, Names.disk(volume));
        flow.extend().run(request(), volume, 5, extending(volume, 3));
        assertExtension(volume, 2, "error_extending");
        assertThat(messages()).hasSize(2);
    }

    @Test
    void aVolumeThatIsGoneGivesItsReservationsBack() throws Exception {
        String volume = made(2, null);
        var reservations = extending(volume, 3);
        cinder.update("UPDATE volumes SET status = 'deleting' WHERE id = ?", volume);
        flow.delete().run(request(), volume, false, false);

        flow.extend().run(request(), volume, 5, reservations);

        assertThat(cinder.one("SELECT deleted, status FROM volumes WHERE id = ?", volume))
                .isEqualTo("1|deleted");
        assertThat(hasLayer(volume)).isFalse();
        assertThat(seed.usage()).isEqualTo(Seed.usage(0, 0, 0));
        assertDone();
        assertThat(messages()).isEmpty();
    }

    @Test
    void aHostThatDoesNotAnswerIsAskedAgain() throws Exception {
        String volume = written(2);
        Runnable extension = extension(volume);
        engine.fail("extend", Kind.UNAVAILABLE);
        assertThatThrownBy(extension::run).isInstanceOf(DeferredRequestException.class);
        assertThat(status(volume)).isEqualTo("extending");

        engine.fail("extend", null);
        extension.run();

        assertExtension(volume, 5, "available");
        assertThat(engine.disk(HOST, Names.disk(volume)).orElseThrow().bytes()).isEqualTo(5L * GIB);
    }

    @Test
    void anExtensionWhoseAnswerWasLostIsDone() throws Exception {
        String volume = written(2);
        Runnable extension = extension(volume);
        engine.fail("extend", Kind.UNAVAILABLE);
        assertThatThrownBy(extension::run).isInstanceOf(DeferredRequestException.class);
        engine.put(HOST, new EngineDisk(Names.disk(volume), 5L * GIB, true, false)); // it heeded

        engine.fail("extend", Kind.INVALID); // a node refuses what changes nothing
        extension.run();

        assertExtension(volume, 5, "available");
    }

    @Test
    void aHostThatNeverAnswersIsAnErrorInTheEnd() throws Exception {
        String volume = written(2);
        Runnable extension = extension(volume);
        engine.fail("disk", Kind.UNAVAILABLE);
        for (int i = 0; i < 19; i++) {
            assertThatThrownBy(extension::run).isInstanceOf(DeferredRequestException.class);
        }

        extension.run();

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
