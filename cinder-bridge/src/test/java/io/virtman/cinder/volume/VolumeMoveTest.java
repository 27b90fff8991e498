package io.virtman.cinder.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.virtman.bridge.database.DatabaseException;
import io.virtman.cinder.database.TestCinder;
import io.virtman.cinder.engine.EngineDisk;
import io.virtman.cinder.testing.FakeEngine.Killed;
import io.virtman.cinder.volume.VolumeSettings.ImportPolicy;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.testkit.Await;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A volume without data moves to another host, and something goes wrong on the way. */
class VolumeMoveTest extends FlowTest {
    private static final String NOWHERE = "";
    private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

    VolumeMoveTest(TestCinder cinder) {
        super(cinder);
    }

    /** Where a move from h1 to h2 ends, and what it leaves: the row, and the hosts of disks. */
    private enum End {
        NOTING_FAILS("written|h1", HOST),
        /** The same state as when the note was made and its answer lost. */
        KILLED_BEFORE_DISCARDING("never-written|h2", HOST),
        KILLED_BEFORE_ATTACHING("never-written|h2", NOWHERE),
        NOTING_THE_DISK_FAILS("never-written|h2", OTHER);

        final String row;
        final String disks;

        End(String row, String disks) {
            this.row = row;
            this.disks = disks;
        }
    }

    static Stream<Arguments> endsAndLaterHosts() {
        return Arrays.stream(End.values())
                .flatMap(end -> Stream.of(HOST, OTHER).map(later -> Arguments.of(end, later)));
    }

    /** A volume that was attached to the first host and detached, and never written. */
    private String unwritten() throws Exception {
        String volume = made(1, null);
        detached(volume, attached(volume, HOST));
        assertThat(row(volume)).isEqualTo("written|h1");
        assertThat(disk(HOST, volume).written()).isFalse();
        return volume;
    }

    private String row(String volume) throws Exception {
        return cinder.one("SELECT state, home_host FROM virtman.bridge_layer WHERE id = ?", volume);
    }

    private EngineDisk disk(String host, String volume) {
        return engine.disk(host, Names.disk(volume)).orElseThrow();
    }

    /** The hosts that have a disk of the only volume. */
    private String disks() {
        return engine.allDisks().stream()
                .map(disk -> disk.substring(disk.indexOf('@') + 1))
                .collect(Collectors.joining(" "));
    }

    private void rounds() {
        for (int round = 0; round < 3; round++) { // found, taken away, discarded
            flow.reconciler().round();
        }
    }

    private void move(String volume, String attachment, End end) throws Exception {
        ThrowingCallable move =
                () -> flow.attach().update(Caller.NOBODY, volume, attachment, connector(OTHER));
        switch (end) {
            case NOTING_FAILS -> withoutChange("NEW.home_host <=> 'h2'", move);
            case KILLED_BEFORE_DISCARDING -> killedAt("discardUnwritten", move);
            case KILLED_BEFORE_ATTACHING -> killedAt("attach", move);
            case NOTING_THE_DISK_FAILS -> withoutChange("NEW.state = 'written'", move);
        }
    }

    /** The database refuses to change layers so. */
    private void withoutChange(String condition, ThrowingCallable move) throws Exception {
        cinder.execute(
                "CREATE TRIGGER virtman.away BEFORE UPDATE ON virtman.bridge_layer FOR EACH ROW"
                        + " IF "
                        + condition
                        + " THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'as it is told';"
                        + " END IF");
        try {
            assertThatThrownBy(move).isInstanceOf(DatabaseException.class);
        } finally {
            cinder.execute("DROP TRIGGER virtman.away");
        }
    }

    private void killedAt(String method, ThrowingCallable move) {
        engine.kill(method);
        assertThatThrownBy(move).isInstanceOf(Killed.class);
        flow = flow(true, ImportPolicy.LAZY); // of the next process, which holds no locks
    }

    @ParameterizedTest
    @MethodSource("endsAndLaterHosts")
    void aMoveThatEndsEarlyLeavesOneHomeAndIsClearedUp(End end, String later) throws Exception {
        String volume = unwritten();
        String attachment = reserved(volume, OTHER);
        move(volume, attachment, end);
        assertThat(row(volume)).isEqualTo(end.row);
        assertThat(disks()).isEqualTo(end.disks);
        detached(volume, attachment);

        String again = attached(volume, later);
        assertThat(row(volume)).isEqualTo("written|" + later);
        assertThat(disk(later, volume).offered()).isTrue();
        engine.write(later, Names.disk(volume));
        rounds();

        assertThat(disks()).isEqualTo(later);
        assertThat(disk(later, volume).offered()).as("under its guest").isTrue();
        detached(volume, again);
        rounds();
        attached(volume, later);
        assertThat(disk(later, volume).written()).isTrue();
        assertThat(engine.count("discard")).as("without a condition").isZero();
    }

    /** Its home has no disk yet; what is left on the former one must not count as its data. */
    @Test
    void theReconcilerMayComeBeforeTheNextAttachment() throws Exception {
        String volume = unwritten();
        String attachment = reserved(volume, OTHER);
        move(volume, attachment, End.KILLED_BEFORE_DISCARDING);

        flow.reconciler().round();

        assertThat(disks()).isEqualTo(NOWHERE);
        assertThat(row(volume)).isEqualTo("never-written|h2");
        flow.attach().update(Caller.NOBODY, volume, attachment, connector(OTHER)); // as Nova may
        assertThat(row(volume)).isEqualTo("written|h2");
        assertThat(disks()).isEqualTo(OTHER);
    }

    @Test
    void aFormerHomeThatDoesNotAnswerIsClearedLaterAndNotMistakenForTheHome() throws Exception {
        String volume = unwritten();
        engine.fail("discardUnwritten", Kind.UNAVAILABLE);

        String attachment = attached(volume, OTHER);
        engine.write(OTHER, Names.disk(volume));
        rounds();
        assertThat(disks()).isEqualTo("h1 h2");
        detached(volume, attachment);

        String former = reserved(volume, HOST);
        VolumeFault fault =
                catchThrowableOfType(
                        VolumeFault.class,
                        () -> flow.attach().update(Caller.NOBODY, volume, former, connector(HOST)));
        assertThat(fault).hasMessageContaining("has its data on host h2");

        engine.fail("discardUnwritten", null);
        flow.reconciler().round();
        assertThat(disks()).isEqualTo(OTHER);
        assertThat(disk(OTHER, volume).written()).isTrue();
    }

    /** By a guest that runs on without anybody's knowledge: its host decides, not what we read. */
    @Test
    void whatIsWrittenInTheLastMomentIsKept() throws Exception {
        String volume = unwritten();
        String attachment = reserved(volume, OTHER);
        CountDownLatch gate = engine.hold("discardUnwritten");
        CompletableFuture<Connection> connection =
                CompletableFuture.supplyAsync(
                        () ->
                                flow.attach()
                                        .update(
                                                Caller.NOBODY,
                                                volume,
                                                attachment,
                                                connector(OTHER)),
                        THREADS);
        Await.until(() -> engine.count("discardUnwritten") == 1);
        engine.write(HOST, Names.disk(volume));
        gate.countDown();

        assertThat(connection.join().attachmentId()).isEqualTo(attachment);
        assertThat(row(volume)).isEqualTo("written|h2");
        rounds();
        assertThat(disks()).isEqualTo("h1 h2");
        assertThat(disk(HOST, volume).written()).isTrue();
    }
}
