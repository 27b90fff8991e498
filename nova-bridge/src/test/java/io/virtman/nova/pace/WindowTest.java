package io.virtman.nova.pace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.PriorityQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowTest {
    private static final Duration FAST = Duration.ofSeconds(4);

    @Test
    void doublesUntilBuildsBeginToWait() {
        Window window = new Window(4, 1, 100);
        for (int i = 0; i < 4; i++) {
            window.built(0, FAST);
        }
        assertThat(window.size()).isEqualTo(8);
        window.built(0, FAST.multipliedBy(3));
        window.built(0, FAST);
        assertThat(window.size()).isEqualTo(8);
    }

    @Test
    void growsByOneWithEachWindowOfBuilds() {
        Window window = new Window(8, 1, 100);
        window.failed(0);
        for (int i = 0; i < 4; i++) {
            window.built(1, FAST);
        }
        assertThat(window.size()).isBetween(4, 5);
        for (int i = 0; i < 5; i++) {
            window.built(1, FAST);
        }
        assertThat(window.size()).isBetween(5, 6);
    }

    @Test
    void isHalvedByAFailureAndOnlyOnceByAllThatWereUnderWay() {
        Window window = new Window(40, 1, 100);
        long before = window.generation();
        window.failed(before);
        assertThat(window.size()).isEqualTo(20);
        window.failed(before);
        window.built(before, FAST.multipliedBy(100));
        assertThat(window.size()).isBetween(20, 21);
        window.failed(window.generation());
        assertThat(window.size()).isEqualTo(10);
    }

    @Test
    void staysBetweenItsLimits() {
        Window window = new Window(3, 2, 5);
        for (int i = 0; i < 10; i++) {
            window.failed(window.generation());
        }
        assertThat(window.size()).isEqualTo(2);
        for (int i = 0; i < 100; i++) {
            window.built(window.generation(), FAST);
        }
        assertThat(window.size()).isEqualTo(5);
    }

    @Test
    void waitsTellOfACrowd() {
        Window window = new Window(50, 1, 100);
        window.built(0, FAST);
        int before = window.size();
        window.built(window.generation(), FAST.multipliedBy(3));
        assertThat(window.size()).as("neither more nor less").isEqualTo(before);
        window.built(window.generation(), FAST.multipliedBy(6));
        assertThat(window.size()).isLessThan(before);
    }

    @Test
    void theShortestBuildIsKnownUntilItIsForgotten() {
        Window window = new Window(4, 1, 100);
        assertThat(window.shortest()).isNull();
        window.built(0, FAST);
        window.built(0, FAST.multipliedBy(2));
        assertThat(window.shortest()).isEqualTo(FAST);
        window.forget();
        assertThat(window.shortest()).isNull();
        window.built(0, FAST.multipliedBy(2));
        assertThat(window.shortest()).isEqualTo(FAST.multipliedBy(2));
    }

    @Test
    void limitsAreChecked() {
        assertThatThrownBy(() -> new Window(1, 2, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Window(4, 2, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Window(0, 0, 3)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Where builds queue for servers: it finds enough to keep them busy, and no endless queue. */
    @ParameterizedTest
    @CsvSource({"4, 1", "10, 2", "40, 3", "100, 5"})
    void findsWhatTheControlPlaneSustains(int servers, int seconds) {
        Window window = new Window(8, 1, 1000);
        PriorityQueue<double[]> underWay =
                new PriorityQueue<>((a, b) -> Double.compare(a[0], b[0])); // end, start, since
        double[] free = new double[servers];
        double now = 0;
        double end = 0;
        for (int asked = 0, built = 0; built < 5000; ) {
            while (asked < 5000 && underWay.size() < window.size()) {
                int next = 0;
                for (int i = 1; i < servers; i++) {
                    next = free[i] < free[next] ? i : next;
                }
                free[next] = Math.max(free[next], now) + seconds;
                underWay.add(new double[] {free[next], now, window.generation()});
                asked++;
            }
            double[] first = underWay.poll();
            now = first[0];
            end = now;
            built++;
            window.built((long) first[2], Duration.ofNanos((long) ((first[0] - first[1]) * 1e9)));
        }
        double best = 5000.0 / servers * seconds;
        assertThat(end).as("time of 5000 builds").isLessThan(1.2 * best);
        assertThat(window.size()).as("at the end").isBetween(servers, 7 * servers);
    }
}
