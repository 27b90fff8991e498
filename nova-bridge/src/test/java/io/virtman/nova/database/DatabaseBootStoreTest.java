package io.virtman.nova.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.Lease;
import io.virtman.bridge.database.LeaseLostException;
import io.virtman.nova.boot.Batch;
import io.virtman.nova.boot.BootServer;
import io.virtman.nova.boot.BootState;
import io.virtman.nova.boot.SeenServer;
import io.virtman.nova.boot.Sighting;
import io.virtman.nova.database.Boots.Load;
import io.virtman.nova.run.BootStore;
import io.virtman.nova.run.BootStoreContract;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(Lifecycle.PER_CLASS)
class DatabaseBootStoreTest extends BootStoreContract {
    private static final Duration HOUR = Duration.ofHours(1);

    private @Nullable TestNova nova;
    private Lease lease = new Lease(NovaTables.LEASES, "", "", 0);

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        nova = new TestNova(directory);
        lease = nova.lead();
    }

    @AfterAll
    void stop() throws Exception {
        nova().close();
    }

    private TestNova nova() {
        TestNova present = nova;
        if (present == null) {
            throw new IllegalStateException("not started");
        }
        return present;
    }

    @Override
    protected BootStore store() {
        return store(added(TestNova.boot(project())));
    }

    private BootStore store(BootRow boot) {
        return new DatabaseBootStore(nova().database, lease, boot.id());
    }

    private static String project() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    private BootRow added(BootRow boot) {
        assertThat(add(boot)).isTrue();
        return found(boot.id());
    }

    private boolean add(BootRow boot) {
        return nova().database.note(tx -> Boots.add(tx, boot, HOUR));
    }

    private <T> T read(Database.Work<T> work) {
        return nova().database.read(work);
    }

    private BootRow found(String id) {
        return read(tx -> Boots.find(tx, id)).orElseThrow();
    }

    private static BootRow named(String project, String key) {
        BootRow boot = TestNova.boot(project);
        return new BootRow(
                boot.id(),
                project,
                boot.userId(),
                Optional.of(key),
                boot.requestDigest(),
                boot.request(),
                boot.userData(),
                boot.trustId(),
                boot.servers(),
                boot.attempts(),
                boot.deleteOnFailure(),
                boot.state(),
                boot.reason(),
                boot.version(),
                boot.createdAt(),
                boot.expiresAt(),
                boot.endedAt());
    }

    @Test
    void aBootIsKeptAsItWasAsked() {
        BootRow boot = TestNova.boot(project());
        BootRow found = added(boot);
        assertThat(found.request()).isEqualTo(boot.request());
        assertThat(found.userData()).isEqualTo(boot.userData());
        assertThat(found.trustId()).contains("a-trust");
        assertThat(found.version()).isEqualTo(1);
        assertThat(found.expiresAt()).isEqualTo(found.createdAt().plus(HOUR));
        assertThat(found.endedAt()).isEmpty();
        assertThat(found.toString()).doesNotContain("AQID").contains("4 characters");
    }

    @Test
    void aKeyNamesOneBootOfItsProject() {
        String project = project();
        BootRow first = added(named(project, "key"));
        assertThat(add(named(project, "key"))).isFalse();
        assertThat(add(named(project, "KEY"))).as("keys have cases").isTrue();
        assertThat(add(named(project(), "key"))).isTrue();
        assertThat(this.<Optional<BootRow>>read(tx -> Boots.named(tx, project, "key")))
                .contains(first);
    }

    @Test
    void listsPageByPageTheNewestFirst() {
        String project = project();
        List<String> ids =
                List.of(
                        added(TestNova.boot(project)).id(),
                        added(TestNova.boot(project)).id(),
                        added(TestNova.boot(project)).id());
        assertThat(page(project, null)).containsExactly(ids.get(2), ids.get(1));
        assertThat(page(project, ids.get(1))).containsExactly(ids.get(0));
        assertThat(page(project, ids.get(0))).isEmpty();
        assertThat(this.<List<BootRow>>read(tx -> Boots.list(tx, null, null, 1))).hasSize(1);
    }

    private List<String> page(String project, @Nullable String before) {
        return read(tx -> Boots.list(tx, project, before, 2)).stream().map(BootRow::id).toList();
    }

    @Test
    void whatGoesOnIsFoundAndCounted() {
        String project = project();
        BootRow on = added(TestNova.boot(project));
        BootRow ended = added(TestNova.boot(project));
        store(ended).enter(BootState.RUNNING, BootState.FAILED);
        assertThat(this.<List<BootRow>>read(Boots::unfinished))
                .contains(on)
                .extracting(BootRow::id)
                .doesNotContain(ended.id());
        assertThat(this.<Load>read(tx -> Boots.load(tx, project))).isEqualTo(new Load(1, 5));
        assertThat(this.<Load>read(tx -> Boots.load(tx, project()))).isEqualTo(new Load(0, 0));
    }

    @Test
    void atItsEndTheUserDataGoAndThenTheTrust() {
        BootRow boot = added(TestNova.boot(project()));
        store(boot).enter(BootState.RUNNING, BootState.COMPLETED);
        BootRow ended = found(boot.id());
        assertThat(ended.userData()).isEmpty();
        assertThat(ended.endedAt()).isPresent();
        assertThat(this.<List<BootRow>>read(tx -> Boots.endedWithTrust(tx, 1000))).contains(ended);
        nova().database
                .note(tx -> {
                    Boots.withoutTrust(tx, boot.id());
                    return true;
                });
        assertThat(this.<List<BootRow>>read(tx -> Boots.endedWithTrust(tx, 1000)))
                .extracting(BootRow::id)
                .doesNotContain(boot.id());
    }

    @Test
    void everyChangeHasAVersion() {
        BootRow boot = added(TestNova.boot(project()));
        BootStore store = store(boot);
        Batch _ = store.send(5);
        long sent = found(boot.id()).version();
        assertThat(sent).isGreaterThan(boot.version());
        List<SeenServer> seen = List.of(seen("a", 1, "BUILD"));
        store.saw(Sighting.of(store.progress(), seen, store.now(), HOUR), seen);
        long saw = found(boot.id()).version();
        assertThat(saw).isGreaterThan(sent);
        store.saw(Sighting.of(store.progress(), seen, store.now(), HOUR), seen);
        assertThat(found(boot.id()).version()).as("nothing new").isEqualTo(saw);
        store.giveUp("a reason");
        assertThat(found(boot.id()).version()).isGreaterThan(saw);
        assertThat(found(boot.id()).reason()).contains("a reason");
    }

    @Test
    void serversAreDescribed() {
        BootRow boot = added(TestNova.boot(project()));
        BootStore store = store(boot);
        Batch _ = store.send(1);
        List<SeenServer> building =
                List.of(new SeenServer("a", 1, "BUILD", "scheduling", null, null));
        store.saw(Sighting.of(store.progress(), building, store.now(), HOUR), building);
        List<SeenServer> failed =
                List.of(new SeenServer("a", 1, "ERROR", null, "h", "x".repeat(3000)));
        store.saw(Sighting.of(store.progress(), failed, store.now(), HOUR), failed);
        ServerRow row = read(tx -> Boots.servers(tx, boot.id())).getFirst();
        assertThat(row.server().state()).isEqualTo(BootServer.State.FAILED);
        assertThat(row.phase()).isEmpty();
        assertThat(row.host()).contains("h");
        assertThat(row.fault().orElseThrow()).hasSize(1000);
        assertThat(row.activeAt()).isEmpty();
    }

    @Test
    void whoLedBeforeWritesNothing() {
        BootRow boot = added(TestNova.boot(project()));
        BootStore former = store(boot);
        lease = nova().lead();
        assertThatThrownBy(() -> former.send(1)).isInstanceOf(LeaseLostException.class);
        assertThatThrownBy(() -> former.giveUp("no")).isInstanceOf(LeaseLostException.class);
        assertThatThrownBy(() -> former.enter(BootState.RUNNING, BootState.FAILED))
                .isInstanceOf(LeaseLostException.class);
        assertThatThrownBy(() -> former.deleting(List.of("a")))
                .isInstanceOf(LeaseLostException.class);
        assertThat(store(boot).progress().batches()).isEmpty();
    }

    @Test
    void migrationsCanBeRunAgain() {
        NovaTables.migrate(nova().database);
        assertThat(this.<List<BootRow>>read(Boots::unfinished)).isNotNull();
    }
}
