package io.virtman.cinder.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.cinder.database.BridgeImages;
import io.virtman.cinder.database.Layer;
import io.virtman.cinder.database.Seed;
import io.virtman.cinder.database.TestCinder;
import io.virtman.cinder.engine.EngineImage.State;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.testkit.Await;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Images until they are complete, and until nobody needs them. */
class ImageWatchTest extends FlowTest {
    ImageWatchTest(TestCinder cinder) {
        super(cinder);
    }

    /** An image that is being imported for a volume; Glance's id. */
    private String importing() throws Exception {
        String image = glance.raw(GIB);
        made(1, image);
        Await.until(() -> imageState(image).equals("IMPORTING"));
        return image;
    }

    private String voltId(String image) {
        return engine.image("glance-" + image).orElseThrow().id();
    }

    private void forgetVolumes() throws Exception {
        cinder.execute("DELETE FROM virtman.bridge_layer");
    }

    @Test
    void itFollowsAnImageToItsSeal() throws Exception {
        String image = importing();
        flow.watch().tick();
        assertThat(imageState(image)).isEqualTo("IMPORTING");

        engine.image("glance-" + image, State.SEALED);
        flow.watch().tick();

        assertThat(imageState(image)).isEqualTo("READY");
        assertThat(messages()).isEmpty();
    }

    @Test
    void itTellsAllOwnersOfAFailureOnce() throws Exception {
        String image = glance.raw(GIB);
        String one = made(1, image);
        String two = made(1, image);
        Await.until(() -> imageState(image).equals("IMPORTING"));

        engine.image("glance-" + image, State.FAILED);
        flow.watch().tick();
        flow.watch().tick();

        assertThat(imageState(image)).isEqualTo("FAILED");
        assertThat(messages())
                .containsExactlyInAnyOrder(
                        "VOLUME_VOLUME_005_001 " + one, "VOLUME_VOLUME_005_001 " + two);
    }

    /** E.g. a qcow2 with a backing file, which the origin sees when it is to import it. */
    @Test
    void itTellsTheOwnersOfARefusalOnce() throws Exception {
        engine.fail("importRemote", Kind.INVALID);
        String image = glance.raw(GIB);
        String volume = made(1, image);
        Await.until(() -> imageState(image).equals("FAILED"));

        flow.watch().tick();

        assertThat(messages()).containsExactly("VOLUME_VOLUME_005_029 " + volume);
    }

    @Test
    void anImageThatVoltHasLostHasFailed() throws Exception {
        String image = importing();
        engine.removeImage(HOST, voltId(image));

        flow.watch().tick();

        assertThat(imageState(image)).isEqualTo("FAILED");
    }

    @Test
    void originsGetNewCredentials() throws Exception {
        String image = importing();
        assertThat(engine.credential(voltId(image))).isEqualTo(Map.of("X-Auth-Token", "secret-1"));
        glance.renew();

        flow.watch().tick();

        assertThat(engine.credential(voltId(image))).isEqualTo(Map.of("X-Auth-Token", "secret-2"));
    }

    @Test
    void outagesChangeNothing() throws Exception {
        String image = importing();
        glance.away(true);
        flow.watch().tick();
        glance.away(false);
        engine.fail("renewCredential", Kind.UNAVAILABLE);
        flow.watch().tick();

        assertThat(imageState(image)).isEqualTo("IMPORTING");
        engine.fail("renewCredential", null);
        engine.image("glance-" + image, State.SEALED);
        flow.watch().tick();
        assertThat(imageState(image)).isEqualTo("READY");
    }

    @Test
    void whatCouldNotBeRegisteredIsTriedAgain() throws Exception {
        engine.fail("importRemote", Kind.UNAVAILABLE);
        String image = glance.raw(GIB);
        made(1, image);
        Await.until(() -> engine.count("importRemote") > 0);
        engine.fail("importRemote", null);

        flow.watch().tick();

        assertThat(imageState(image)).isEqualTo("IMPORTING");
    }

    @Test
    void anImageOfGlanceStaysWhileGlanceHasIt() throws Exception {
        String image = importing();
        engine.image("glance-" + image, State.SEALED);
        flow.watch().tick();
        forgetVolumes();
        cinder.clock.advance(Duration.ofMinutes(11));
        flow.watch().tidy();
        assertThat(imageState(image)).isEqualTo("READY");
        glance.remove(image);
        flow.watch().tidy();
        assertThat(imageState(image)).isEqualTo("READY"); // it was looked for a moment ago

        cinder.clock.advance(Duration.ofMinutes(11));
        flow.watch().tidy();

        assertThat(imageState(image)).isEqualTo("none");
        assertThat(engine.imageNames()).isEmpty();
    }

    @Test
    void anImageThatIsNeededOrWhoseGlanceIsAwayStays() throws Exception {
        String image = importing();
        glance.remove(image);
        cinder.clock.advance(Duration.ofMinutes(11));
        flow.watch().tidy();
        assertThat(engine.imageNames()).hasSize(1);
        engine.image("glance-" + image, State.SEALED);
        flow.watch().tick();
        cinder.clock.advance(Duration.ofMinutes(11));
        forgetVolumes();
        glance.away(true);
        flow.watch().tidy();
        assertThat(engine.imageNames()).hasSize(1);
    }

    @Test
    void anImageOfASnapshotGoesWithItsLastVolume() throws Exception {
        String volume = written(1);
        String snapshot = seed.snapshot(volume, 1, "creating");
        Thread sealer = sealer(snapshot);
        flow.snapshot().run(request(), snapshot);
        sealer.join();
        cinder.update("UPDATE snapshots SET status = 'deleting' WHERE id = ?", snapshot);
        flow.deleteSnapshot().run(request(), snapshot, false);
        assertThat(engine.imageNames()).hasSize(1);

        cinder.clock.advance(Duration.ofMinutes(11));
        engine.fail("removeImage", Kind.UNAVAILABLE);
        flow.watch().tidy();
        assertThat(engine.imageNames()).hasSize(1);
        engine.fail("removeImage", null);
        flow.watch().tidy();

        assertThat(engine.imageNames()).isEmpty();
        assertThat(cinder.one("SELECT COUNT(*) FROM virtman.bridge_image")).isEqualTo("0");
    }

    @Test
    void nothingIsMadeOfAnImageThatIsBeingRemoved() throws Exception {
        String image = importing();
        forgetVolumes();
        glance.remove(image);
        engine.image("glance-" + image, State.SEALED);
        flow.watch().tick();
        String layerless = cinder.one("SELECT id FROM virtman.bridge_image");
        cinder.clock.advance(Duration.ofMinutes(11));
        engine.fail("removeImage", Kind.UNAVAILABLE);
        flow.watch().tidy();

        boolean held =
                cinder.database.change(
                        lease, tx -> Sources.hold(tx, Layer.Source.image(layerless)).isUsable());

        assertThat(held).isFalse();
    }

    @Test
    void anImageThatIsStillBeingMadeStays() throws Exception {
        String volume = written(1);
        String snapshot = seed.snapshot(volume, 1, "creating");
        Request request = request();
        Thread maker = Thread.ofVirtual().start(() -> flow.snapshot().run(request, snapshot));
        Await.until(() -> state(snapshot).equals("IMPORTING"));
        for (int hour = 0; hour < 5; hour++) {
            flow.watch().tick();
            cinder.clock.advance(Duration.ofHours(1));
            flow.watch().tidy();
        }
        assertThat(state(snapshot)).isEqualTo("IMPORTING");
        assertThat(engine.count("removeImage")).isZero();

        engine.image(Names.madeImage(snapshot), State.SEALED);
        flow.watch().tick();
        maker.join();

        assertThat(snapshotStatus(snapshot)).isEqualTo("available");
        assertDone();
    }

    @Test
    void anImageThatNobodyWaitsForGoesAlsoWhenItsMakingWasNeverAnswered() throws Exception {
        String volume = written(1);
        String id = Seed.uuid();
        change(tx -> BridgeImages.add(tx, id, null, 1L));
        engine.snapshot(HOST, Names.disk(volume), Names.madeImage(id));
        cinder.clock.advance(Duration.ofHours(6));
        flow.watch().tidy();
        assertThat(state(id)).isEqualTo("NEW");

        cinder.clock.advance(Duration.ofHours(2));
        flow.watch().tidy();

        assertThat(state(id)).isEqualTo("none");
        assertThat(engine.imageNames()).isEmpty();
    }

    private String state(String id) {
        return cinder.database
                .read(tx -> BridgeImages.find(tx, id))
                .map(image -> image.state().name())
                .orElse("none");
    }
}
