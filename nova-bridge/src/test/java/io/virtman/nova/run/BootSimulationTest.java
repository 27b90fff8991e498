package io.virtman.nova.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.nova.boot.BootServer;
import io.virtman.nova.boot.BootState;
import io.virtman.nova.boot.Progress;
import io.virtman.nova.boot.SeenServer;
import io.virtman.nova.boot.Sighting;
import io.virtman.nova.cloud.BootCompute;
import io.virtman.nova.cloud.CloudException;
import io.virtman.nova.pace.Window;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Boots against a Nova as bad as it may be, with a process that is killed again and again before or
 * after whatever it does. A seed makes a failure happen again.
 */
class BootSimulationTest {
    private static final Duration STEP = Duration.ofSeconds(1);
    private static final int SEEDS = 400;
    private static final int TURNS = 20_000;

    /** The end of the process; nothing may catch it. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    private record Scene(
            Random random, SimulatedNova nova, MemoryStore store, Duration patience, int count) {
        static Scene of(long seed, double trouble, int attempts, Duration patience) {
            Random random = new Random(seed);
            int count = 1 + random.nextInt(30);
            SimulatedNova nova = new SimulatedNova(random, trouble, 10_000);
            return new Scene(
                    random,
                    nova,
                    new MemoryStore(count, attempts, random.nextBoolean(), () -> nova.now),
                    patience,
                    count);
        }

        /** Each call of the seam may be the last of this process, before or after its effect. */
        private <T> T mortal(Class<T> type, T beneath, double mortality) {
            Object proxy =
                    Proxy.newProxyInstance(
                            type.getClassLoader(),
                            new Class<?>[] {type},
                            (_, method, arguments) -> {
                                if (random.nextDouble() < mortality) {
                                    throw new Killed();
                                }
                                try {
                                    Object result = method.invoke(beneath, arguments);
                                    if (random.nextDouble() < mortality) {
                                        throw new Killed();
                                    }
                                    return result;
                                } catch (InvocationTargetException e) {
                                    throw e.getCause();
                                }
                            });
            return type.cast(proxy);
        }

        private BootRun process(double mortality) {
            Pace pace = new Pace(new Window(8, 1, 100), () -> nova.now.toEpochMilli() * 1_000_000);
            return new BootRun(
                    "boot",
                    mortal(BootStore.class, store, mortality),
                    mortal(BootCompute.class, nova, mortality),
                    pace.share("boot", 50),
                    new RunLimits(patience, Duration.ofMinutes(5), 4));
        }

        /** Until the boot's end, with this chance to be killed at each call. */
        void run(double mortality) {
            BootRun process = process(mortality);
            for (int i = 0; i < TURNS; i++) {
                try {
                    if (process.turn()) {
                        return;
                    }
                } catch (CloudException e) {
                    assertThat(e.kind()).isEqualTo(CloudException.Kind.UNAVAILABLE);
                } catch (Killed e) {
                    process = process(mortality);
                }
                nova.advance(STEP);
            }
            throw new AssertionError("no end after " + TURNS + " turns: " + store.progress());
        }

        BootState state() {
            return store.progress().state();
        }
    }

    private static Scene scene(long seed, double trouble) {
        return Scene.of(seed, trouble, 100_000, SimulatedNova.LATEST);
    }

    @Test
    void theNumberIsExactWhateverHappens() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Scene scene = scene(seed, 0.1);
            scene.run(0.02);
            assertThat(scene.state()).as("seed %d", seed).isEqualTo(BootState.COMPLETED);
            assertThat(scene.nova.there()).as("seed %d", seed).isEqualTo(scene.count);
            assertThat(scene.nova.alive()).as("seed %d", seed).isEqualTo(scene.count);
        }
    }

    /** Without trouble there is never one too many. */
    @Test
    void nothingIsMadeInVain() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Scene scene = scene(seed, 0);
            scene.run(0.05);
            assertThat(scene.nova.there()).as("seed %d", seed).isEqualTo(scene.count);
            assertThat(scene.nova.most).as("seed %d", seed).isEqualTo(scene.count);
        }
    }

    /** Would it ask again before a lost request can no longer take effect, this would show it. */
    @Test
    void impatienceWouldBeSeen() {
        int surplus = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Scene scene = Scene.of(seed, 0.1, 100_000, Duration.ofMillis(1));
            scene.run(0.02);
            scene.nova.advance(SimulatedNova.LATEST);
            surplus += scene.nova.there() == scene.count ? 0 : 1;
        }
        assertThat(surplus).as("boots with too many servers").isPositive();
    }

    @Test
    void failureLeavesNothingOrWhatItMay() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Scene scene = Scene.of(seed, 0.3, 12, SimulatedNova.LATEST);
            scene.run(0.02);
            Progress end = scene.store.progress();
            if (end.state() == BootState.COMPLETED) {
                assertThat(scene.nova.there()).as("seed %d", seed).isEqualTo(scene.count);
                continue;
            }
            assertThat(end.state()).as("seed %d", seed).isEqualTo(BootState.FAILED);
            if (end.deleteOnFailure()) {
                assertThat(scene.nova.there()).as("seed %d", seed).isZero();
            } else {
                assertThat(scene.nova.alive())
                        .as("seed %d", seed)
                        .isEqualTo(end.in(BootServer.State.ACTIVE))
                        .isLessThan(scene.count);
                assertThat(scene.nova.there()).as("seed %d", seed).isLessThanOrEqualTo(scene.count);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CANCELLING", "CLEARING"})
    void cancellingEndsWithWhatWasWanted(BootState how) {
        for (long seed = 0; seed < SEEDS; seed++) {
            Scene scene = scene(seed, 0.1);
            BootRun process = scene.process(0);
            for (int i = scene.random.nextInt(30); i > 0; i--) {
                try {
                    boolean _ = process.turn();
                } catch (CloudException e) {
                    assertThat(e.kind()).isEqualTo(CloudException.Kind.UNAVAILABLE);
                }
                scene.nova.advance(STEP);
            }
            if (scene.state().isLast()) {
                continue;
            }
            scene.store.enter(scene.state(), how);
            scene.run(0.02);
            assertThat(scene.state()).as("seed %d", seed).isEqualTo(BootState.CANCELLED);
            if (how == BootState.CLEARING) {
                assertThat(scene.nova.there()).as("seed %d", seed).isZero();
            } else {
                assertThat(scene.nova.alive())
                        .as("seed %d", seed)
                        .isLessThanOrEqualTo(scene.count)
                        .isEqualTo(scene.store.progress().in(BootServer.State.ACTIVE));
            }
        }
    }

    @Test
    void aRefusalEndsItWithItsReason() {
        SimulatedNova nova = new SimulatedNova(new Random(1), 0, 6);
        MemoryStore store = new MemoryStore(10, 20, false, () -> nova.now);
        Scene scene = new Scene(new Random(1), nova, store, SimulatedNova.LATEST, 10);
        scene.run(0);
        assertThat(scene.state()).isEqualTo(BootState.FAILED);
        assertThat(store.reason()).isEqualTo("quota exceeded");
        assertThat(nova.alive()).isEqualTo(4);
    }

    @Test
    void theEndOfTheTrustEndsIt() {
        MemoryStore store = new MemoryStore(1, 2, false, () -> Instant.EPOCH);
        BootCompute none =
                new BootCompute() {
                    @Override
                    public void create(int batch, int size) {}

                    @Override
                    public List<SeenServer> servers() {
                        throw new CloudException(
                                CloudException.Kind.UNAUTHORIZED, "the trust is gone", null);
                    }

                    @Override
                    public java.util.Optional<SeenServer> server(String id) {
                        return java.util.Optional.empty();
                    }

                    @Override
                    public void delete(String id) {}
                };
        Pace pace = new Pace(new Window(1, 1, 1), () -> 0);
        BootRun run =
                new BootRun(
                        "boot", store, none, pace.share("boot", 1), new RunLimits(STEP, STEP, 1));
        assertThat(run.turn()).isTrue();
        assertThat(store.progress().state()).isEqualTo(BootState.FAILED);
        assertThat(store.reason()).contains("the trust is gone");
    }

    @Test
    void whatAUserDeletesIsReplacedWhileTheBootGoesOn() {
        Scene scene = scene(3, 0.05);
        BootRun process = scene.process(0);
        for (int i = 0; i < TURNS && !scene.state().isLast(); i++) {
            try {
                boolean _ = process.turn();
            } catch (CloudException e) {
                assertThat(e.kind()).isEqualTo(CloudException.Kind.UNAVAILABLE);
            }
            scene.nova.advance(STEP);
            if (i == 10) {
                scene.nova.meddle();
            }
        }
        assertThat(scene.nova.alive()).isEqualTo(scene.count);
    }

    @Test
    void sightingsOfTheSameServerTwiceCountOnce() {
        Progress known =
                new Progress(
                        BootState.RUNNING,
                        2,
                        false,
                        false,
                        4,
                        List.of(
                                new io.virtman.nova.boot.Batch(
                                        1,
                                        2,
                                        io.virtman.nova.boot.Batch.State.SENT,
                                        Instant.EPOCH)),
                        List.of());
        SeenServer one = new SeenServer("a", 1, "BUILD", null, null, null);
        Sighting sighting = Sighting.of(known, List.of(one, one), Instant.EPOCH, STEP);
        assertThat(sighting.settled()).isEmpty();
        assertThat(sighting.servers()).hasSize(1);
    }
}
