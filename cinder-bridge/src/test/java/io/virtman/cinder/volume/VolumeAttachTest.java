package io.virtman.cinder.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.virtman.bridge.database.DatabaseException;
import io.virtman.bridge.database.LeaseLostException;
import io.virtman.cinder.database.Seed;
import io.virtman.cinder.database.TestCinder;
import io.virtman.cinder.engine.EngineImage;
import io.virtman.cinder.volume.VolumeSettings.ImportPolicy;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.testkit.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** A volume's file comes to a host. */
class VolumeAttachTest extends FlowTest {
    private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

    VolumeAttachTest(TestCinder cinder) {
        super(cinder);
    }

    private VolumeFault refused(String volume, String attachment, Connector connector) {
        return catchThrowableOfType(
                VolumeFault.class,
                () -> flow.attach().update(Caller.NOBODY, volume, attachment, connector));
    }

    private void assertStillReserved(String volume, String attachment) throws Exception {
        assertThat(attachmentRow(attachment)).isEqualTo("reserved|null|null|null|1");
        assertThat(status(volume)).isEqualTo("reserved");
    }

    @Test
    void theFirstAttachmentMakesTheDisk() throws Exception {
        String volume = made(3, null);
        String attachment = reserved(volume, HOST);

        Connection connection =
                flow.attach().update(Caller.NOBODY, volume, attachment, connector(HOST));

        assertThat(connection.path()).isEqualTo("/run/virtman/disks/volume-" + volume);
        assertThat(connection.mode()).isEqualTo("rw");
        assertThat(connection.attachmentId()).isEqualTo(attachment);
        assertThat(connection.frontEndSpecs()).isEmpty();
        assertThat(attachmentRow(attachment)).isEqualTo("attaching|h1|/dev/vdb|rw|0");
        assertThat(cinder.one("SELECT status, attach_status FROM volumes WHERE id = ?", volume))
                .isEqualTo("attaching|attaching");
        assertThat(engine.disk(HOST, Names.disk(volume)).orElseThrow().bytes()).isEqualTo(3L * GIB);
        assertThat(layer(volume).written()).isTrue();
        assertThat(layer(volume).homeHost()).contains(HOST);
        assertThat(messages()).isEmpty();
    }

    @Test
    void eightAtOnceRegisterTheirImageOnce() throws Exception {
        flow = flow(false, ImportPolicy.LAZY);
        engine.fail("importRemote", Kind.UNAVAILABLE); // nobody has it before
        String image = glance.raw(GIB);
        List<String> volumes = new ArrayList<>();
        List<String> attachments = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            volumes.add(made(1, image));
            attachments.add(seed.reserved(volumes.get(i), null));
        }
        Await.until(() -> engine.count("importRemote") > 0);
        engine.fail("importRemote", null);

        CompletableFuture<?>[] all = new CompletableFuture<?>[8];
        for (int i = 0; i < 8; i++) {
            int n = i;
            all[i] =
                    CompletableFuture.runAsync(
                            () ->
                                    flow.attach()
                                            .update(
                                                    Caller.NOBODY,
                                                    volumes.get(n),
                                                    attachments.get(n),
                                                    connector(n % 2 == 0 ? HOST : OTHER)),
                            THREADS);
        }
        CompletableFuture.allOf(all).join();

        assertThat(engine.imageNames()).containsExactly("glance-" + image);
        assertThat(engine.allDisks()).hasSize(8);
        assertThat(imageState(image)).isEqualTo("IMPORTING");
    }

    @Test
    void oneThatWasNeverWrittenMoves() throws Exception {
        String volume = made(1, null);
        detached(volume, attached(volume, HOST));

        attached(volume, OTHER);

        assertThat(engine.allDisks()).containsExactly(Names.disk(volume) + "@h2");
        assertThat(layer(volume).homeHost()).contains(OTHER);
        assertThat(layer(volume).written()).isTrue();
    }

    @Test
    void oneThatWasWrittenIsBoundToItsHome() throws Exception {
        String volume = written(1);
        String attachment = reserved(volume, OTHER);

        VolumeFault fault = refused(volume, attachment, connector(OTHER));

        assertThat(fault.type()).isEqualTo("InvalidVolume");
        assertThat(fault).hasMessageContaining("has its data on host h1");
        assertStillReserved(volume, attachment);
        assertThat(messages()).containsExactly("VOLUME_VOLUME_004_021 " + volume);
        assertThat(engine.allDisks()).containsExactly(Names.disk(volume) + "@h1");
        attached(volume, HOST);
    }

    @Test
    void itIsNotTakenFromUnderAGuestThatHasNotWrittenYet() throws Exception {
        String volume = made(1, null);
        attached(volume, HOST);
        String second = reserved(volume, OTHER); // as for a live migration

        VolumeFault fault = refused(volume, second, connector(OTHER));

        assertThat(fault.type()).isEqualTo("InvalidVolume");
        assertThat(fault).hasMessageContaining("attached on host h1");
        assertThat(engine.disk(HOST, Names.disk(volume)).orElseThrow().offered()).isTrue();
    }

    @Test
    void oneThatIsStillOfferedToNobodyMovesUnlessItWasWritten() throws Exception {
        String volume = made(1, null);
        String attachment = attached(volume, HOST);
        engine.alive(HOST, false);
        detached(volume, attachment); // which the host hasn't heard of
        engine.alive(HOST, true);
        String second = reserved(volume, OTHER);
        cinder.update("UPDATE volumes SET status = 'in-use' WHERE id = ?", volume);
        assertThat(refused(volume, second, connector(OTHER))).hasMessageContaining("in use on");
        cinder.update("UPDATE volumes SET status = 'reserved' WHERE id = ?", volume);

        attached(volume, OTHER);

        assertThat(engine.allDisks()).containsExactly(Names.disk(volume) + "@h2");
    }

    @Test
    void theSameAttachmentDoesNotTakeItFromUnderItsGuestEither() throws Exception {
        flow = flow(false, ImportPolicy.LAZY);
        String volume = made(1, null);
        String attachment = attached(volume, HOST);

        assertThat(refused(volume, attachment, connector(OTHER)).type()).isEqualTo("InvalidVolume");
        assertThat(engine.disk(HOST, Names.disk(volume)).orElseThrow().offered()).isTrue();
    }

    @Test
    void aHostWithoutANodeAndOneThatIsDownAreRefused() throws Exception {
        String volume = made(1, null);
        String nowhere = reserved(volume, "h9");

        VolumeFault unknown = refused(volume, nowhere, connector("h9"));
        assertThat(unknown.type()).isEqualTo("InvalidInput");
        assertThat(unknown).hasMessageContaining("host h9 has no VirtMan node");
        assertStillReserved(volume, nowhere);

        String down = reserved(volume, OTHER);
        engine.alive(OTHER, false);
        VolumeFault fault = refused(volume, down, connector(OTHER));
        assertThat(fault.type()).isEqualTo("VolumeBackendAPIException");
        assertThat(fault).hasMessageContaining("host h2 is down");
        assertThat(layer(volume).homeHost()).isEmpty();
    }

    @Test
    void novaDecidesWhereAnInstanceIs() throws Exception {
        String volume = made(1, null);
        String elsewhere = reserved(volume, OTHER);
        VolumeFault fault = refused(volume, elsewhere, connector(HOST));
        assertThat(fault.type()).isEqualTo("InvalidInput");
        assertThat(fault).hasMessageContaining("no instance of this volume is on host h1");
        String none = seed.reserved(volume, null);
        assertThat(refused(volume, none, connector(HOST)).type()).isEqualTo("InvalidInput");
        nova.away(true);
        assertThat(refused(volume, elsewhere, connector(OTHER)).type())
                .isEqualTo("VolumeBackendAPIException");
        assertThat(engine.allDisks()).isEmpty();

        flow = flow(false, ImportPolicy.LAZY);
        flow.attach().update(Caller.NOBODY, volume, none, connector(HOST));
        assertThat(engine.allDisks()).hasSize(1);
    }

    @Test
    void aNodeThatFailsLeavesAllAsItWas() throws Exception {
        String volume = made(1, null);
        String attachment = reserved(volume, HOST);
        engine.fail("attach", Kind.FAILED);

        assertThat(refused(volume, attachment, connector(HOST)).type())
                .isEqualTo("VolumeBackendAPIException");

        assertStillReserved(volume, attachment);
        assertThat(layer(volume).written()).isFalse();
        assertThat(layer(volume).homeHost()).isEmpty();
        engine.fail("attach", null);
        flow.attach().update(Caller.NOBODY, volume, reserved(volume, OTHER), connector(OTHER));
    }

    @Test
    void aHostThatDiesDuringTheFirstAttachmentBindsNobody() throws Exception {
        String volume = made(1, null);
        String attachment = reserved(volume, HOST);
        engine.fail("attach", Kind.UNAVAILABLE);
        engine.fail("disk", Kind.UNAVAILABLE);
        assertThat(refused(volume, attachment, connector(HOST))).isNotNull();
        assertThat(layer(volume).written()).isFalse();
        engine.fail("attach", null);
        engine.fail("disk", null);
        engine.alive(HOST, false);

        attached(volume, OTHER);

        assertThat(layer(volume).homeHost()).contains(OTHER);
    }

    @Test
    void aDiskThatIsMissingIsNeverReplacedByAnEmptyOne() throws Exception {
        String volume = written(1);
        engine.lose(HOST, Names.disk(volume));

        VolumeFault here = refused(volume, reserved(volume, HOST), connector(HOST));
        VolumeFault there = refused(volume, reserved(volume, OTHER), connector(OTHER));

        assertThat(List.of(here, there))
                .allSatisfy(fault -> {
                    assertThat(fault.type()).isEqualTo("VolumeBackendAPIException");
                    assertThat(fault)
                            .hasMessageContaining("is missing or half destroyed on its host h1");
                });
        assertThat(engine.allDisks()).isEmpty();
    }

    @Test
    void anAttachmentThatIsDeletedMeanwhileGetsNoFile() throws Exception {
        String volume = made(1, null);
        String attachment = reserved(volume, HOST);
        CountDownLatch gate = engine.hold("attach");
        CompletableFuture<VolumeFault> fault =
                CompletableFuture.supplyAsync(
                        () -> refused(volume, attachment, connector(HOST)), THREADS);
        Await.until(() -> engine.count("attach") == 1);
        cinder.update("UPDATE volume_attachment SET deleted = 1 WHERE id = ?", attachment);
        gate.countDown();

        assertThat(fault.join().type()).isEqualTo("InvalidVolume");
        assertThat(engine.disk(HOST, Names.disk(volume)).orElseThrow().offered()).isFalse();
    }

    @Test
    void modesAreTheAttachmentsOrTheConnectors() throws Exception {
        String volume = made(1, null);
        String readOnly = reserved(volume, HOST);
        cinder.update("UPDATE volume_attachment SET attach_mode = 'ro' WHERE id = ?", readOnly);
        assertThat(flow.attach().update(Caller.NOBODY, volume, readOnly, connector(HOST)).mode())
                .isEqualTo("ro");
        String plain = reserved(volume, HOST);
        Connector ro = new Connector(HOST, null, "ro", "{}");
        assertThat(flow.attach().update(Caller.NOBODY, volume, plain, ro).mode()).isEqualTo("ro");
        Connector strange = new Connector(HOST, null, "rwx", "{}");
        assertThat(refused(volume, reserved(volume, HOST), strange).type())
                .isEqualTo("InvalidInput");
        assertThat(
                        catchThrowableOfType(
                                        VolumeFault.class,
                                        () -> flow.attach().initialize(volume, strange))
                                .type())
                .isEqualTo("InvalidInput");
    }

    @Test
    void limitsForNovaArePassedOn() throws Exception {
        String volume = made(1, null);
        String id = Seed.uuid();
        cinder.update(
                "INSERT INTO quality_of_service_specs (created_at, deleted, id, `key`, value)"
                        + " VALUES (UTC_TIMESTAMP(), 0, ?, 'QoS_Specs_Name', 'slow')",
                id);
        cinder.execute(
                "INSERT INTO quality_of_service_specs (created_at, deleted, id, specs_id, `key`,"
                        + " value) VALUES (UTC_TIMESTAMP(), 0, UUID(), '%1$s', 'consumer',"
                                .formatted(id)
                        + " 'front-end'), (UTC_TIMESTAMP(), 0, UUID(), '%1$s', 'total_iops_sec',"
                                .formatted(id)
                        + " '5')");
        cinder.update("UPDATE volume_types SET qos_specs_id = ? WHERE id = ?", id, Seed.TYPE);

        Connection connection =
                flow.attach()
                        .update(Caller.NOBODY, volume, reserved(volume, HOST), connector(HOST));

        assertThat(connection.frontEndSpecs()).contains(Map.of("total_iops_sec", "5"));
    }

    @Test
    void volumesAndAttachmentsThatDoNotBelongTogetherAreRefused() throws Exception {
        String volume = made(1, null);
        String other = made(1, null);
        String attachment = reserved(other, HOST);
        assertThat(refused(volume, attachment, connector(HOST)).type()).isEqualTo("InvalidInput");
        assertThat(refused(Seed.uuid(), attachment, connector(HOST)).type())
                .isEqualTo("VolumeNotFound");
        assertThat(refused(volume, Seed.uuid(), connector(HOST)).type()).isEqualTo("InvalidInput");
        String foreign = seed.volume(1, "available");
        cinder.update("UPDATE volumes SET host = 'ctl@lvm#lvm' WHERE id = ?", foreign);
        assertThat(refused(foreign, reserved(foreign, HOST), connector(HOST)).type())
                .isEqualTo("InvalidVolume");
        String lost = seed.volume(1, "available"); // ours by name, but nothing is known of it
        assertThat(refused(lost, reserved(lost, HOST), connector(HOST)).type())
                .isEqualTo("InvalidVolume");
        assertThat(engine.allDisks()).isEmpty();
    }

    @Test
    void anImageThatHasFailedIsNotAttached() throws Exception {
        String image = glance.raw(GIB);
        String volume = made(1, image);
        Await.until(() -> imageState(image).equals("IMPORTING"));
        engine.image("glance-" + image, EngineImage.State.FAILED);
        flow.watch().tick();

        VolumeFault fault = refused(volume, reserved(volume, HOST), connector(HOST));

        assertThat(fault.type()).isEqualTo("ImageUnacceptable");
        assertThat(fault).hasMessageContaining("its hash is wrong");
        assertThat(engine.allDisks()).isEmpty();
    }

    @Test
    void whatCanNotBeNotedTakesNothingFromAGuest() throws Exception {
        String volume = made(1, null);
        String attachment = reserved(volume, HOST);
        cinder.execute(
                "CREATE TRIGGER away BEFORE UPDATE ON volume_attachment FOR EACH ROW"
                        + " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'as it is told'");
        try {
            assertThatThrownBy(() ->
                            flow.attach()
                                    .update(Caller.NOBODY, volume, attachment, connector(HOST)))
                    .isInstanceOf(DatabaseException.class);
        } finally {
            cinder.execute("DROP TRIGGER away");
        }

        assertThat(engine.disk(HOST, Names.disk(volume)).orElseThrow().offered()).isTrue();
        assertThat(engine.count("detach")).isZero();
    }

    @Test
    void whoDoesNotLeadAnyMoreDetachesNothing() throws Exception {
        String volume = made(1, null);
        String attachment = attached(volume, HOST);
        cinder.update("UPDATE virtman.bridge_fence SET epoch = epoch + 1");

        assertThatThrownBy(() -> flow.attach().delete(attachment, volume))
                .isInstanceOf(LeaseLostException.class);

        assertThat(engine.count("detach")).isZero();
    }

    @Test
    void anInstanceOfAnotherProjectGetsNothing() throws Exception {
        String volume = made(1, null);
        String instance = Seed.uuid();
        nova.put(instance, HOST, "another-project");
        String attachment = seed.reserved(volume, instance);

        VolumeFault fault = refused(volume, attachment, connector(HOST));

        assertThat(fault.type()).isEqualTo("InvalidInput");
        assertThat(engine.count("attach")).isZero();
        assertStillReserved(volume, attachment);
    }
}
