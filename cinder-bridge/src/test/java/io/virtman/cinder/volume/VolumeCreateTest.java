package io.virtman.cinder.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.cinder.database.Seed;
import io.virtman.cinder.database.TestCinder;
import io.virtman.cinder.engine.EngineImage;
import io.virtman.cinder.volume.VolumeSettings.ImportPolicy;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.testkit.Await;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Volumes of nothing and of images; and what is refused. */
class VolumeCreateTest extends FlowTest {
    private static final String IMAGE = "VOLUME_VOLUME_005_";
    private static final String AWAY = "VOLUME_VOLUME_008_001 ";
    private static final String BACKEND = "VOLUME_VOLUME_008_012 ";

    VolumeCreateTest(TestCinder cinder) {
        super(cinder);
    }

    private void assertRefused(String volume, String message) throws Exception {
        assertThat(status(volume)).isEqualTo("error");
        assertThat(messages()).containsExactly(message + volume);
        assertThat(hasLayer(volume)).isFalse();
        assertDone();
    }

    /** Runs a creation that fails. */
    private String failed(int size, @Nullable String image) throws Exception {
        String id = seed.creating(size);
        flow.create().run(request(), id, image, null);
        return id;
    }

    @Test
    void ofNothingItIsARowAndNoDisk() throws Exception {
        String id = made(3, null);

        assertThat(
                        cinder.one(
                                "SELECT bootable, shared_targets, provider_location, service_uuid ="
                                        + " ? FROM volumes WHERE id = ?",
                                ledger.service().uuid(),
                                id))
                .isEqualTo("0|0|virtman:volume-" + id + "|1");
        assertThat(layer(id).written()).isFalse();
        assertThat(layer(id).homeHost()).isEmpty();
        assertThat(engine.allDisks()).isEmpty();
        assertThat(seed.usage()).isEqualTo(Seed.usage(1, 3, 0));
        assertThat(messages()).isEmpty();
        assertDone();
    }

    @Test
    void whatIsNotBeingCreatedIsLeftAlone() throws Exception {
        String id = seed.volume(1, "in-use");

        flow.create().run(request(), id, null, null);
        flow.create().run(request(), Seed.uuid(), null, null);

        assertThat(status(id)).isEqualTo("in-use");
        assertThat(hasLayer(id)).isFalse();
        assertDone();
    }

    @Test
    void ofARawImageItIsAvailableBeforeAnybodyImports() throws Exception {
        var gate = engine.hold("importRemote");
        String image = glance.raw(GIB);

        String id = made(1, image);

        assertThat(cinder.one("SELECT bootable FROM volumes WHERE id = ?", id)).isEqualTo("1");
        assertThat(
                        cinder.list(
                                "SELECT `key`, value FROM volume_glance_metadata WHERE volume_id ="
                                        + " ? ORDER BY `key`",
                                id))
                .containsExactly("disk_format|raw", "hw_disk_bus|virtio", "image_id|" + image);
        assertThat(glance.tokens()).startsWith("a-token");
        assertDone();
        gate.countDown();
        Await.until(() -> imageState(image).equals("IMPORTING"));
        assertThat(engine.source("glance-" + image).orElseThrow().format()).isEqualTo("raw");
    }

    @Test
    void manyOfOneImageShareIt() throws Exception {
        String image = glance.raw(GIB);

        String one = made(1, image);
        String two = made(2, image);

        assertThat(layer(one).source()).isEqualTo(layer(two).source());
        Await.until(() -> imageState(image).equals("IMPORTING"));
        assertThat(engine.count("importRemote")).isEqualTo(1);
    }

    @Test
    void anOriginTellsTheSizeThatGlanceDoesNotKnow() throws Exception {
        String image = glance.add("active", "qcow2", "bare", 1000, Optional.empty(), 0, true);
        engine.importedBytes(2L * GIB);

        String small = failed(1, image);
        assertRefused(small, IMAGE + "007 ");
        made(2, image);

        assertThat(engine.count("importRemote")).isEqualTo(1);
    }

    @Test
    void imagesThatDoNotFitOrCanNotBeUsedAreRefused() throws Exception {
        assertRefused(failed(1, glance.raw(GIB + 1)), IMAGE + "007 ");
        cinder.execute("DELETE FROM messages");
        String large = glance.add("active", "raw", "bare", 10, Optional.empty(), 5, true);
        assertRefused(failed(4, large), IMAGE + "007 ");
        cinder.execute("DELETE FROM messages");
        String queued = glance.add("queued", "raw", "bare", 10, Optional.empty(), 0, true);
        assertRefused(failed(1, queued), IMAGE + "001 ");
        cinder.execute("DELETE FROM messages");
        String vmdk = glance.add("active", "vmdk", "bare", 10, Optional.empty(), 0, true);
        assertRefused(failed(1, vmdk), IMAGE + "029 ");
        cinder.execute("DELETE FROM messages");
        String ova = glance.add("active", "raw", "ova", 10, Optional.empty(), 0, true);
        assertRefused(failed(1, ova), IMAGE + "029 ");
        cinder.execute("DELETE FROM messages");
        String bare = glance.add("active", "raw", "bare", 10, Optional.empty(), 0, false);
        assertRefused(failed(1, bare), IMAGE + "001 ");
        cinder.execute("DELETE FROM messages");
        assertRefused(failed(1, Seed.uuid()), IMAGE + "001 ");
        cinder.execute("DELETE FROM messages");
        glance.away(true);
        assertRefused(failed(1, glance.raw(GIB)), AWAY);

        assertThat(engine.count("importRemote")).isZero();
    }

    @Test
    void anImageThatHasFailedStaysFailed() throws Exception {
        String image = glance.add("active", "qcow2", "bare", 1000, Optional.empty(), 0, true);
        engine.fail("importRemote", Kind.INVALID);
        assertRefused(failed(1, image), IMAGE + "029 ");
        engine.fail("importRemote", null);
        cinder.execute("DELETE FROM messages");

        assertRefused(failed(1, image), IMAGE + "001 ");
        assertThat(engine.count("importRemote")).isEqualTo(1);
    }

    @Test
    void anImageWhoseOriginIsAwayMayBeTriedAgain() throws Exception {
        String image = glance.add("active", "qcow2", "bare", 1000, Optional.empty(), 0, true);
        engine.alive(HOST, false);
        engine.alive(OTHER, false);
        assertRefused(failed(1, image), AWAY);
        engine.alive(OTHER, true);

        made(1, image);
        assertThat(engine.calls()).contains("importRemote h2 glance-" + image);
    }

    @Test
    void whereTheOperatorWantsItWholeTheVolumeWaits() throws Exception {
        flow = flow(true, ImportPolicy.BEFORE_AVAILABLE);
        String image = glance.raw(GIB);
        String id = seed.creating(1);
        Thread creation =
                Thread.ofVirtual().start(() -> flow.create().run(request(), id, image, null));
        Await.until(() -> imageState(image).equals("IMPORTING"));
        assertThat(status(id)).isEqualTo("downloading");
        assertThat(cinder.one("SELECT status FROM workers")).isEqualTo("downloading");

        engine.image("glance-" + image, EngineImage.State.SEALED);
        flow.watch().tick();
        creation.join();

        assertThat(status(id)).isEqualTo("available");
        assertDone();
    }

    @Test
    void whereTheOperatorWantsItWholeAFailureIsTheVolumes() throws Exception {
        flow = flow(true, ImportPolicy.BEFORE_AVAILABLE);
        String image = glance.raw(GIB);
        String id = seed.creating(1);
        Thread creation =
                Thread.ofVirtual().start(() -> flow.create().run(request(), id, image, null));
        Await.until(() -> imageState(image).equals("IMPORTING"));

        engine.image("glance-" + image, EngineImage.State.FAILED);
        flow.watch().tick();
        creation.join();

        assertRefused(id, IMAGE + "001 ");
    }

    @Test
    void whatCanNotBeKeptIsRefused() throws Exception {
        String encrypted = seed.creating(1);
        cinder.update(
                "UPDATE volumes SET encryption_key_id = ? WHERE id = ?", Seed.uuid(), encrypted);
        flow.create().run(request(), encrypted, null, null);
        assertRefused(encrypted, BACKEND);
        cinder.execute("DELETE FROM messages");

        String shared = seed.creating(1);
        cinder.update("UPDATE volumes SET multiattach = 1 WHERE id = ?", shared);
        flow.create().run(request(), shared, null, null);
        assertRefused(shared, BACKEND);
        cinder.execute("DELETE FROM messages");

        String restored = seed.creating(1);
        flow.create().run(request(), restored, null, Seed.uuid());
        assertRefused(restored, BACKEND);
        cinder.execute("DELETE FROM messages");

        qos("back-end");
        assertRefused(failed(1, null), BACKEND);
        cinder.execute("DELETE FROM messages");
        qos("both");
        assertRefused(failed(1, null), BACKEND);
        qos("front-end");
        made(1, null);

        assertThat(seed.usage()).isEqualTo(Seed.usage(6, 6, 0)); // until they are deleted
    }

    private void qos(String consumer) throws Exception {
        cinder.execute(
                "SET FOREIGN_KEY_CHECKS = 0; DELETE FROM quality_of_service_specs;"
                        + " SET FOREIGN_KEY_CHECKS = 1");
        String id = Seed.uuid();
        cinder.update(
                "INSERT INTO quality_of_service_specs (created_at, deleted, id, specs_id, `key`,"
                        + " value) VALUES (UTC_TIMESTAMP(), 0, ?, NULL, 'QoS_Specs_Name', 'slow')",
                id);
        for (String[] spec : new String[][] {{"consumer", consumer}, {"total_iops_sec", "5"}}) {
            cinder.update(
                    "INSERT INTO quality_of_service_specs (created_at, deleted, id, specs_id,"
                            + " `key`, value) VALUES (UTC_TIMESTAMP(), 0, ?, ?, ?, ?)",
                    Seed.uuid(),
                    id,
                    spec[0],
                    spec[1]);
        }
        cinder.update("UPDATE volume_types SET qos_specs_id = ? WHERE id = ?", id, Seed.TYPE);
    }

    @Test
    void itIsDeletedWhileItIsMade() throws Exception {
        var gate = engine.hold("importRemote");
        String image = glance.add("active", "qcow2", "bare", 1000, Optional.empty(), 0, true);
        String id = seed.creating(1);
        Thread creation =
                Thread.ofVirtual().start(() -> flow.create().run(request(), id, image, null));
        Await.until(() -> engine.count("importRemote") > 0);
        cinder.update("UPDATE volumes SET status = 'deleting' WHERE id = ?", id);
        gate.countDown();
        creation.join();

        assertThat(status(id)).isEqualTo("deleting");
        assertThat(hasLayer(id)).isFalse();
        assertDone();
    }
}
