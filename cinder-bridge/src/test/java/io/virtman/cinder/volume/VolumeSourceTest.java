package io.virtman.cinder.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.cinder.database.Layer;
import io.virtman.cinder.database.Seed;
import io.virtman.cinder.database.TestCinder;
import io.virtman.cinder.database.Worker;
import io.virtman.cinder.engine.EngineImage;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.testkit.Await;
import org.junit.jupiter.api.Test;

/** Volumes of snapshots and of volumes; snapshots. */
class VolumeSourceTest extends FlowTest {
    VolumeSourceTest(TestCinder cinder) {
        super(cinder);
    }

    private String snapshot(String volume, int size) throws Exception {
        String id = seed.snapshot(volume, size, "creating");
        seed.worker("Snapshot", id, "creating");
        flow.snapshot().run(request(), id);
        return id;
    }

    private String of(String column, String source, int size) throws Exception {
        String id = seed.creating(size);
        cinder.update("UPDATE volumes SET " + column + " = ? WHERE id = ?", source, id);
        flow.create().run(request(), id, null, null);
        return id;
    }

    @Test
    void aSnapshotOfAVolumeThatWasNeverWrittenIsItsSource() throws Exception {
        String image = glance.raw(GIB);
        String volume = made(1, image);

        String snapshot = snapshot(volume, 1);
        String copy = of("snapshot_id", snapshot, 2);

        assertThat(snapshotStatus(snapshot)).isEqualTo("available");
        assertThat(status(copy)).isEqualTo("available");
        assertThat(layer(snapshot).source()).isEqualTo(layer(volume).source());
        assertThat(layer(copy).source()).isEqualTo(layer(volume).source());
        assertThat(layer(copy).kind()).isEqualTo(Layer.Kind.VOLUME);
        assertThat(cinder.one("SELECT bootable FROM volumes WHERE id = ?", copy)).isEqualTo("1");
        assertThat(
                        cinder.one(
                                "SELECT COUNT(*) FROM volume_glance_metadata WHERE snapshot_id = ?",
                                snapshot))
                .isEqualTo("3");
        assertThat(
                        cinder.one(
                                "SELECT COUNT(*) FROM volume_glance_metadata WHERE volume_id = ?",
                                copy))
                .isEqualTo("3");
        assertThat(engine.count("snapshot")).isZero();
        assertDone();
    }

    @Test
    void aSnapshotOfAVolumeThatWasWrittenIsAnImage() throws Exception {
        String volume = written(2);
        String id = seed.snapshot(volume, 2, "creating");
        Thread sealer = sealer(id);

        flow.snapshot().run(request(), id);
        sealer.join();

        assertThat(snapshotStatus(id)).isEqualTo("available");
        assertThat(cinder.one("SELECT progress FROM snapshots WHERE id = ?", id)).isEqualTo("100%");
        assertThat(layer(id).source()).isEqualTo(Layer.Source.image(id));
        assertThat(status(of("snapshot_id", id, 1))).isEqualTo("error"); // too small
        String copy = of("snapshot_id", id, 2);
        assertThat(status(copy)).isEqualTo("available");
        assertThat(attached(copy, OTHER)).isNotEmpty();
        assertThat(engine.imageOf(OTHER, Names.disk(copy)))
                .isEqualTo(engine.image(Names.madeImage(id)).map(EngineImage::id));
        assertDone();
    }

    @Test
    void aSnapshotThatIsGoneOrForeignMakesNoVolume() throws Exception {
        String volume = made(1, null);
        String snapshot = snapshot(volume, 1);
        cinder.update("UPDATE snapshots SET deleted = 1 WHERE id = ?", snapshot);

        String gone = of("snapshot_id", snapshot, 1);
        String foreign = of("snapshot_id", seed.snapshot(volume, 1, "available"), 1);

        assertThat(status(gone)).isEqualTo("error");
        assertThat(status(foreign)).isEqualTo("error");
        assertThat(hasLayer(gone)).isFalse();
        assertDone();
    }

    @Test
    void aSnapshotOfAnImageThatHasFailedMakesNoVolume() throws Exception {
        String image = glance.raw(GIB);
        String volume = made(1, image);
        String snapshot = snapshot(volume, 1);
        Await.until(() -> imageState(image).equals("IMPORTING"));
        engine.image("glance-" + image, EngineImage.State.FAILED);
        flow.watch().tick();

        String copy = of("snapshot_id", snapshot, 1);

        assertThat(status(copy)).isEqualTo("error");
        assertThat(messages())
                .containsExactlyInAnyOrder(
                        "VOLUME_VOLUME_005_001 " + volume,
                        "VOLUME_VOLUME_SNAPSHOT_005_001 " + snapshot,
                        "VOLUME_VOLUME_005_001 " + copy);
        assertDone();
    }

    @Test
    void aCopyOfAVolumeThatWasNeverWrittenIsItsSource() throws Exception {
        String volume = made(1, glance.raw(GIB));

        String copy = of("source_volid", volume, 1);

        assertThat(status(copy)).isEqualTo("available");
        assertThat(layer(copy).source()).isEqualTo(layer(volume).source());
        assertDone();
    }

    @Test
    void aDiskThatNobodyHasWrittenIntoCountsAsNone() throws Exception {
        String volume = made(1, null);
        detached(volume, attached(volume, HOST));

        String copy = of("source_volid", volume, 1);

        assertThat(layer(copy).source()).isEqualTo(Layer.Source.EMPTY);
        assertThat(engine.count("snapshot")).isZero();
    }

    @Test
    void aCopyOfAVolumeThatWasWrittenIsOfAnImage() throws Exception {
        String volume = written(1);
        String id = seed.creating(1);
        cinder.update("UPDATE volumes SET source_volid = ? WHERE id = ?", volume, id);
        Thread sealer = sealer(id);

        flow.create().run(request(), id, null, null);
        sealer.join();

        assertThat(status(id)).isEqualTo("available");
        assertThat(layer(id).source()).isEqualTo(Layer.Source.image(id));
        assertDone();
    }

    @Test
    void anImageThatWasBegunBeforeARestartIsGoneOnWith() throws Exception {
        String volume = written(1);
        String id = seed.creating(1);
        cinder.update("UPDATE volumes SET source_volid = ? WHERE id = ?", volume, id);
        Request request = request();
        Thread first = Thread.ofVirtual().start(() -> run(request, id));
        Await.until(() -> engine.image(Names.madeImage(id)).isPresent());
        first.interrupt();
        first.join();
        assertThat(status(id)).isEqualTo("creating");
        attached(volume, HOST); // it may be used meanwhile

        Thread sealer = sealer(id);
        flow.create().run(request, id, null, null);
        sealer.join();

        assertThat(status(id)).isEqualTo("available");
        assertThat(engine.count("snapshot")).isEqualTo(1);
        assertDone();
    }

    private void run(Request request, String id) {
        try {
            flow.create().run(request, id, null, null);
        } catch (RuntimeException e) {
            assertThat(e).hasMessageContaining("the service ends");
        }
    }

    @Test
    void ofAVolumeThatIsAttachedNothingIsMade() throws Exception {
        String volume = made(1, null);
        attached(volume, HOST);

        String copy = of("source_volid", volume, 1);
        String snapshot = snapshot(volume, 1);

        assertThat(status(copy)).isEqualTo("error");
        assertThat(snapshotStatus(snapshot)).isEqualTo("error");
        assertThat(status(volume)).isEqualTo("attaching");
        assertThat(messages())
                .containsExactly(
                        "VOLUME_VOLUME_008_027 " + copy,
                        "VOLUME_VOLUME_SNAPSHOT_009_013 " + snapshot);
        assertDone();
    }

    @Test
    void whatCanNotBeReadMakesNothing() throws Exception {
        String volume = written(1);
        engine.fail("snapshot", Kind.FAILED);
        assertThat(snapshotStatus(snapshot(volume, 1))).isEqualTo("error");
        engine.fail("snapshot", null);
        engine.lose(HOST, Names.disk(volume));
        assertThat(status(of("source_volid", volume, 1))).isEqualTo("error");
        assertThat(snapshotStatus(snapshot(volume, 1))).isEqualTo("error");

        assertThat(status(volume)).isEqualTo("available");
        assertThat(messages()).hasSize(3);
        assertDone();
    }

    @Test
    void aHostThatDoesNotAnswerIsAskedAgain() throws Exception {
        String volume = written(1);
        String snapshot = seed.snapshot(volume, 1, "creating");
        Request request = request();
        engine.alive(HOST, false);
        assertThatThrownBy(() -> flow.snapshot().run(request, snapshot))
                .isInstanceOf(DeferredRequestException.class);
        assertThat(snapshotStatus(snapshot)).isEqualTo("creating");

        engine.alive(HOST, true);
        Thread sealer = sealer(snapshot);
        flow.snapshot().run(request, snapshot);
        sealer.join();

        assertThat(snapshotStatus(snapshot)).isEqualTo("available");
        assertDone();
    }

    @Test
    void ofAHostThatNeverAnswersNothingIsMade() throws Exception {
        String copy = seed.creating(1);
        cinder.update("UPDATE volumes SET source_volid = ? WHERE id = ?", written(1), copy);
        Request request = request();
        engine.alive(HOST, false);
        for (int i = 0; i < 19; i++) {
            assertThatThrownBy(() -> flow.create().run(request, copy, null, null))
                    .isInstanceOf(DeferredRequestException.class);
        }

        flow.create().run(request, copy, null, null);

        assertThat(status(copy)).isEqualTo("error");
        assertThat(messages()).hasSize(1);
        assertDone();
    }

    @Test
    void deletingASnapshotGivesItsQuotaBack() throws Exception {
        String volume = made(2, null);
        String snapshot = snapshot(volume, 2);
        assertThat(seed.usage()).isEqualTo(Seed.usage(1, 4, 1));
        cinder.update("UPDATE snapshots SET status = 'deleting' WHERE id = ?", snapshot);

        flow.deleteSnapshot().run(request(), snapshot, false);
        flow.deleteSnapshot().run(request(), snapshot, false);

        assertThat(seed.usage()).isEqualTo(Seed.usage(1, 2, 0));
        assertThat(snapshotStatus(snapshot)).isEqualTo("deleted");
        assertThat(hasLayer(snapshot)).isFalse();
        assertDone();
    }

    /** An administrator resets the status of one whose host hangs, and its user deletes it. */
    @Test
    void nothingIsLeftOfASnapshotThatWasGivenUpWhileItWasMade() throws Exception {
        String volume = made(2, null);
        String snapshot = snapshot(volume, 2);
        seed.worker(Worker.SNAPSHOT, snapshot, "creating");
        cinder.update("UPDATE snapshots SET status = 'deleting' WHERE id = ?", snapshot);

        flow.deleteSnapshot().run(request(), snapshot, false);
        flow.snapshot().run(request(), snapshot);

        assertDone();
    }

    @Test
    void aSnapshotIsNotLeftToNobody() throws Exception {
        String volume = made(2, null);
        String snapshot = snapshot(volume, 2);
        cinder.update("UPDATE snapshots SET status = 'unmanaging' WHERE id = ?", snapshot);

        flow.deleteSnapshot().run(request(), snapshot, true);

        assertThat(snapshotStatus(snapshot)).isEqualTo("available");
        assertThat(hasLayer(snapshot)).isTrue();
        assertDone();
    }

    @Test
    void aSnapshotWhoseMakingIsNotAnsweredIsGoneOnWith() throws Exception {
        String volume = written(1);
        String id = seed.snapshot(volume, 1, "creating");
        Request request = request();
        engine.fail("snapshot", Kind.UNAVAILABLE);
        assertThatThrownBy(() -> flow.snapshot().run(request, id))
                .isInstanceOf(DeferredRequestException.class);
        assertThat(snapshotStatus(id)).isEqualTo("creating");
        engine.fail("snapshot", null);
        engine.snapshot(HOST, Names.disk(volume), Names.madeImage(id)); // it did, after all

        Thread sealer = sealer(id);
        flow.snapshot().run(request, id);
        sealer.join();

        assertThat(snapshotStatus(id)).isEqualTo("available");
        assertThat(engine.imageNames()).containsExactly(Names.madeImage(id));
        assertDone();
    }

    @Test
    void aSnapshotWhoseMakingIsNeverAnsweredFailsInTheEnd() throws Exception {
        String id = seed.snapshot(written(1), 1, "creating");
        Request request = request();
        engine.fail("snapshot", Kind.UNAVAILABLE);
        for (int i = 0; i < 19; i++) {
            assertThatThrownBy(() -> flow.snapshot().run(request, id))
                    .isInstanceOf(DeferredRequestException.class);
        }

        flow.snapshot().run(request, id);

        assertThat(snapshotStatus(id)).isEqualTo("error");
        assertDone();
    }

    @Test
    void whoseSourceGoesMeanwhileIsTold() throws Exception {
        String image = glance.raw(GIB);
        String volume = made(1, image);
        String id = seed.snapshot(volume, 1, "creating");
        cinder.update("UPDATE virtman.bridge_image SET state = 'failed'");

        flow.snapshot().run(request(), id);

        assertThat(snapshotStatus(id)).isEqualTo("error");
        assertThat(messages()).containsExactly("VOLUME_VOLUME_SNAPSHOT_009_013 " + id);
        assertDone();
    }
}
