package io.virtman.cinder.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.cinder.database.Layer.Kind;
import io.virtman.cinder.database.Layer.Source;
import io.virtman.cinder.database.VolumeSource.FromSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** A hundred volumes of one snapshot and one project at once. */
class ManyAtOnceTest extends CinderTest {
    private static final int VOLUMES = 100;
    private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

    ManyAtOnceTest(TestCinder cinder) {
        super(cinder);
    }

    private void all(List<String> ids, Function<String, Outcome> work) throws Exception {
        List<CompletableFuture<Outcome>> running = new ArrayList<>();
        for (String id : ids) {
            running.add(CompletableFuture.supplyAsync(() -> work.apply(id), THREADS));
        }
        for (CompletableFuture<Outcome> one : running) {
            assertThat(one.get(30, TimeUnit.SECONDS)).isEqualTo(Outcome.DONE);
        }
    }

    @Test
    void areCreatedAndDeletedAndTheQuotaIsRight() throws Exception {
        RequestJournal journal = new RequestJournal(TestCinder.BACKEND, 1000);
        ServiceRow service = change(tx -> Services.register(tx, TestCinder.IDENTITY));
        String origin = seed.volume(1, "available");
        cinder.update("UPDATE volumes SET bootable = 1 WHERE id = ?", origin);
        String snapshot = seed.snapshot(origin, 1, "available");
        for (String key : new String[] {"image_id", "os_type", "hw_disk_bus"}) {
            seed.glance("snapshot_id", snapshot, key, "x");
        }
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < VOLUMES; i++) {
            ids.add(seed.creating(2));
        }
        all(ids, id -> change(tx -> received(journal.receive(tx, id, "create_volume", "{}"))));
        all(
                ids,
                id ->
                        change(tx -> {
                            Worker worker =
                                    Workers.claim(tx, service, Worker.VOLUME, id, "creating");
                            Outcome outcome =
                                    VolumeCreation.available(
                                            tx, service, id, new FromSnapshot(snapshot), "");
                            Layers.add(tx, id, Kind.VOLUME, Source.image(snapshot));
                            Workers.finish(tx, worker);
                            journal.done(tx, id);
                            return outcome;
                        }));
        assertThat(cinder.one("SELECT COUNT(*), MIN(status), MIN(bootable) FROM volumes"))
                .isEqualTo((VOLUMES + 1) + "|available|1");
        assertThat(cinder.one("SELECT COUNT(*) FROM volume_glance_metadata"))
                .isEqualTo(String.valueOf(3 * (VOLUMES + 1)));
        assertThat(cinder.list("SELECT * FROM workers")).isEmpty();
        assertThat(seed.usage()).isEqualTo(Seed.usage(VOLUMES + 1, 2 * VOLUMES + 2, 1));

        all(
                ids,
                id ->
                        change(tx -> {
                            Layers.remove(tx, id);
                            return VolumeDeletion.destroy(tx, id);
                        }));
        assertThat(seed.usage()).isEqualTo(Seed.usage(1, 2, 1));
        assertThat(rows(tx -> Layers.on(tx, Source.image(snapshot)))).isEmpty();
    }

    private static Outcome received(RequestJournal.Receipt receipt) {
        return receipt == RequestJournal.Receipt.NEW ? Outcome.DONE : Outcome.NOT_EXPECTED;
    }
}
