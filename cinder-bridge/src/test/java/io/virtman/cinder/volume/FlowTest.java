package io.virtman.cinder.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.cinder.database.BridgeImage;
import io.virtman.cinder.database.BridgeImages;
import io.virtman.cinder.database.CinderTest;
import io.virtman.cinder.database.Layer;
import io.virtman.cinder.database.Layers;
import io.virtman.cinder.database.RequestJournal;
import io.virtman.cinder.database.Seed;
import io.virtman.cinder.database.ServiceRow;
import io.virtman.cinder.database.Services;
import io.virtman.cinder.database.TestCinder;
import io.virtman.cinder.engine.EngineImage;
import io.virtman.cinder.testing.FakeComputeService;
import io.virtman.cinder.testing.FakeEngine;
import io.virtman.cinder.testing.FakeImageService;
import io.virtman.cinder.volume.VolumeSettings.ImportPolicy;
import io.virtman.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

/** What tests of flows have in common: a real database, and a world in memory. */
public abstract class FlowTest extends CinderTest {
    protected static final String HOST = "h1";
    protected static final String OTHER = "h2";
    protected static final int GIB = 1 << 30;

    protected final FakeEngine engine = new FakeEngine(HOST, OTHER);
    protected final FakeImageService glance = new FakeImageService();
    protected final FakeComputeService nova = new FakeComputeService();
    protected Ledger ledger;
    protected Flow flow;

    /** All flows with the same settings. */
    public record Flow(
            VolumeCreate create,
            VolumeDelete delete,
            VolumeExtend extend,
            SnapshotCreate snapshot,
            SnapshotDelete deleteSnapshot,
            VolumeAttach attach,
            ImageWatch watch,
            Reconciler reconciler) {}

    @SuppressWarnings("NullAway.Init") // before each test
    protected FlowTest(TestCinder cinder) {
        super(cinder);
    }

    @BeforeEach
    protected void assemble() {
        ServiceRow service = change(tx -> Services.register(tx, TestCinder.IDENTITY));
        ledger =
                new Ledger(
                        cinder.database,
                        lease,
                        service,
                        TestCinder.BACKEND,
                        new RequestJournal(TestCinder.BACKEND, 1000));
        flow = flow(true, ImportPolicy.LAZY);
    }

    protected Flow flow(boolean verify, ImportPolicy policy) {
        VolumeSettings settings =
                new VolumeSettings(
                        verify,
                        policy,
                        0,
                        List.of(),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(10));
        Locks locks = new Locks(settings.lockLimit());
        Disks disks = new Disks(engine);
        GlanceImages images = new GlanceImages(ledger, engine, glance, settings);
        ImageWatch watch = new ImageWatch(ledger, engine, glance, images, 2);
        Sources sources = new Sources(ledger, engine, disks);
        Exports exports = new Exports(ledger, engine, disks, images);
        return new Flow(
                new VolumeCreate(ledger, images, watch, sources, locks, settings),
                new VolumeDelete(ledger, engine, locks, true),
                new VolumeExtend(ledger, engine, locks),
                new SnapshotCreate(ledger, sources, watch, locks, settings),
                new SnapshotDelete(ledger, locks, true),
                new VolumeAttach(ledger, exports, nova, locks, settings),
                watch,
                new Reconciler(ledger, engine, locks));
    }

    /** A request that is in the journal. */
    protected Request request() {
        String id = UUID.randomUUID().toString().replace("-", "");
        change(tx -> ledger.journal().receive(tx, id, "a_method", "{}"));
        return new Request(id, new Caller(Seed.PROJECT, "req-1", "a-token"));
    }

    /** A volume that was made of nothing, or of an image. */
    protected String made(int size, @Nullable String imageId) throws Exception {
        String id = seed.creating(size);
        flow.create().run(request(), id, imageId, null);
        assertThat(status(id)).isEqualTo("available");
        return id;
    }

    /** A volume that was attached to a host, written there, and detached. */
    protected String written(int size) throws Exception {
        String id = made(size, null);
        String attachment = attached(id, HOST);
        engine.write(HOST, Names.disk(id));
        detached(id, attachment);
        return id;
    }

    /** Reserves and attaches; the id of the attachment. */
    protected String attached(String volume, String host) throws Exception {
        String instance = Seed.uuid();
        nova.put(instance, host);
        String attachment = seed.reserved(volume, instance);
        flow.attach().update(Caller.NOBODY, volume, attachment, connector(host));
        return attachment;
    }

    /** A reserved attachment of an instance that Nova knows to be on a host. */
    protected String reserved(String volume, String host) throws Exception {
        String instance = Seed.uuid();
        nova.put(instance, host);
        return seed.reserved(volume, instance);
    }

    /** What the bridge writes of an attachment. */
    protected String attachmentRow(String attachment) throws Exception {
        return cinder.one(
                "SELECT attach_status, attached_host, mountpoint, attach_mode, connector IS NULL"
                        + " FROM volume_attachment WHERE id = ?",
                attachment);
    }

    /** As the API ends it. */
    protected void detached(String volume, String attachment) throws Exception {
        flow.attach().delete(attachment, volume);
        cinder.update(
                "UPDATE volume_attachment SET deleted = 1, attach_status = 'detached' WHERE id = ?",
                attachment);
        cinder.update(
                "UPDATE volumes SET status = 'available', attach_status = 'detached' WHERE id = ?",
                volume);
    }

    protected static Connector connector(String host) {
        return new Connector(host, "/dev/vdb", null, "{\"host\": \"" + host + "\"}");
    }

    protected String status(String volume) throws Exception {
        return cinder.one("SELECT status FROM volumes WHERE id = ?", volume);
    }

    protected String snapshotStatus(String snapshot) throws Exception {
        return cinder.one("SELECT status FROM snapshots WHERE id = ?", snapshot);
    }

    protected Layer layer(String id) {
        return cinder.database.read(tx -> Layers.find(tx, id)).orElseThrow();
    }

    protected boolean hasLayer(String id) {
        return cinder.database.read(tx -> Layers.find(tx, id)).isPresent();
    }

    protected String imageState(String glanceId) {
        return cinder.database
                .read(tx -> BridgeImages.ofGlance(tx, glanceId))
                .map(image -> image.state().name())
                .orElse("none");
    }

    /** {@code event_id} of all messages. */
    protected List<String> messages() throws Exception {
        return cinder.list(
                "SELECT CONCAT(event_id, ' ', resource_uuid) FROM messages ORDER BY event_id");
    }

    /** Nothing is under way, in nobody's books. */
    protected void assertDone() throws Exception {
        assertThat(cinder.list("SELECT resource_id, status FROM workers")).isEmpty();
        assertThat(
                        cinder.list(
                                "SELECT unique_id FROM virtman.bridge_request WHERE state <>"
                                        + " 'done'"))
                .isEmpty();
        assertThat(cinder.list("SELECT payload FROM virtman.bridge_request WHERE payload <> ''"))
                .isEmpty();
    }

    /** The image made of a volume or snapshot becomes complete as soon as it is begun. */
    protected Thread sealer(String id) {
        return Thread.ofVirtual()
                .start(() -> {
                    Await.until(() -> engine.image(Names.madeImage(id)).isPresent());
                    engine.image(Names.madeImage(id), EngineImage.State.SEALED);
                    Await.until(() -> {
                        flow.watch().tick();
                        return cinder.database
                                .read(tx -> BridgeImages.find(tx, id))
                                .filter(image -> image.state() == BridgeImage.State.READY)
                                .isPresent();
                    });
                });
    }
}
