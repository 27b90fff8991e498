package io.virtman.cinder.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.bridge.database.LeaseLostException;
import io.virtman.cinder.database.Seed;
import io.virtman.cinder.database.TestCinder;
import io.virtman.cinder.engine.EngineDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** What was left on hosts. */
class ReconcilerTest extends FlowTest {
    ReconcilerTest(TestCinder cinder) {
        super(cinder);
    }

    private void put(String host, String volume, boolean written, boolean offered) {
        engine.put(host, new EngineDisk(Names.disk(volume), GIB, written, offered));
    }

    private boolean offered(String volume) {
        return engine.disk(HOST, Names.disk(volume)).orElseThrow().offered();
    }

    @Test
    void disksOfDeletedVolumesGo() throws Exception {
        String volume = seed.volume(1, "deleted");
        cinder.update("UPDATE volumes SET deleted = 1 WHERE id = ?", volume);
        put(HOST, volume, true, true);

        flow.reconciler().round();

        assertThat(engine.allDisks()).isEmpty();
    }

    private void halfDestroyed(String host, String volume, boolean written) {
        engine.put(host, new EngineDisk(Names.disk(volume), GIB, written, false, true));
    }

    @Test
    void whatIsHalfDestroyedGoesUnlessAVolumeMissesIt() throws Exception {
        String deleted = seed.volume(1, "deleted");
        cinder.update("UPDATE volumes SET deleted = 1 WHERE id = ?", deleted);
        halfDestroyed(HOST, deleted, true);
        String unwritten = made(1, null);
        place(unwritten, HOST, "never-written");
        halfDestroyed(HOST, unwritten, false);
        halfDestroyed(OTHER, unwritten, false);
        String missed = made(1, null);
        place(missed, HOST, "written");
        halfDestroyed(HOST, missed, true);

        flow.reconciler().round();

        assertThat(engine.allDisks()).hasSize(1).allMatch(each -> each.contains(missed));
    }

    private void place(String volume, String host, String state) throws Exception {
        cinder.update(
                "UPDATE virtman.bridge_layer SET home_host = ?, node_name = ?, state = ?"
                        + " WHERE id = ?",
                host,
                Names.disk(volume),
                state,
                volume);
    }

    @Test
    void whatCinderDoesNotKnowStaysAndIsReportedOnce() throws Exception {
        put(HOST, Seed.uuid(), true, true);
        engine.put(HOST, new EngineDisk("a-guest", GIB, true, true));
        engine.put(HOST, new EngineDisk("volume-of-somebody", GIB, true, true));
        List<String> log = new ArrayList<>();
        Handler handler =
                new Handler() {
                    @Override
                    public void publish(LogRecord record) {
                        log.add(record.getMessage());
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        Logger logger = Logger.getLogger(Reconciler.class.getName());
        logger.addHandler(handler);
        try {
            for (int round = 0; round < 4; round++) {
                flow.reconciler().round();
            }
        } finally {
            logger.removeHandler(handler);
        }

        assertThat(engine.allDisks()).hasSize(3);
        assertThat(engine.count("discard") + engine.count("detach")).isZero();
        assertThat(log).hasSize(1);
    }

    @Test
    void aFileThatNobodyNeedsGoesAfterTwoRounds() throws Exception {
        String volume = made(1, null);
        String attachment = attached(volume, HOST);
        flow.reconciler().round();
        flow.reconciler().round();
        assertThat(offered(volume)).isTrue();
        engine.alive(HOST, false);
        detached(volume, attachment);
        engine.alive(HOST, true);

        flow.reconciler().round();
        assertThat(offered(volume)).isTrue();
        flow.reconciler().round();
        assertThat(offered(volume)).isFalse();
        assertThat(engine.allDisks()).hasSize(1);
    }

    @Test
    void aFileThatIsWantedAgainStays() throws Exception {
        String volume = made(1, null);
        String attachment = attached(volume, HOST);
        engine.alive(HOST, false);
        detached(volume, attachment);
        engine.alive(HOST, true);
        flow.reconciler().round();

        seed.reserved(volume, null);
        flow.reconciler().round();
        flow.reconciler().round();

        assertThat(offered(volume)).isTrue();
    }

    @Test
    void aFileAwayFromHomeThatNobodyNeedsGoesWithItsDisk() throws Exception {
        String volume = made(1, null);
        attached(volume, OTHER);
        put(HOST, volume, false, true); // of an attachment that was never told

        flow.reconciler().round();
        assertThat(engine.allDisks()).hasSize(2);
        flow.reconciler().round();
        flow.reconciler().round();

        assertThat(engine.allDisks()).containsExactly(Names.disk(volume) + "@h2");
    }

    @Test
    void disksAwayFromHomeGoUnlessTheyHaveData() throws Exception {
        String clean = written(1);
        String dirty = written(1);
        put(OTHER, clean, false, true);
        put(OTHER, dirty, true, true);

        for (int round = 0; round < 3; round++) { // found, taken away, discarded
            assertThat(engine.allDisks()).hasSize(4);
            flow.reconciler().round();
        }

        assertThat(engine.allDisks())
                .containsExactlyInAnyOrder(
                        Names.disk(clean) + "@h1",
                        Names.disk(dirty) + "@h1",
                        Names.disk(dirty) + "@h2");
    }

    @Test
    void disksOfAnotherBackendAreNotTouched() throws Exception {
        String volume = seed.volume(1, "available");
        cinder.update("UPDATE volumes SET host = 'ctl@other#pool' WHERE id = ?", volume);
        put(HOST, volume, false, true);

        for (int round = 0; round < 3; round++) {
            flow.reconciler().round();
        }

        assertThat(offered(volume)).isTrue();
    }

    @Test
    void whoHasLostTheLeaseTouchesNothing() throws Exception {
        String volume = seed.volume(1, "deleted");
        cinder.update("UPDATE volumes SET deleted = 1 WHERE id = ?", volume);
        put(HOST, volume, true, true);
        cinder.execute("UPDATE virtman.bridge_fence SET epoch = epoch + 1");

        try {
            flow.reconciler().round();
        } catch (LeaseLostException e) {
            assertThat(e).hasMessageContaining("lease");
        }

        assertThat(engine.allDisks()).hasSize(1);
    }

    @Test
    void aHostThatIsDownHoldsNoOtherUp() throws Exception {
        String volume = seed.volume(1, "deleted");
        cinder.update("UPDATE volumes SET deleted = 1 WHERE id = ?", volume);
        put(OTHER, volume, true, true);
        engine.alive(HOST, false);

        flow.reconciler().round();

        assertThat(engine.allDisks()).isEmpty();
    }
}
