package io.virtman.cinder.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.NullNode;
import io.virtman.cinder.rpc.RequestTimes.Figures;
import io.virtman.messaging.wire.RpcRequest;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class RequestTimesTest {
    private final RequestTimes times = new RequestTimes();

    private long within(String method, Duration bound) {
        return figures(method).within().get(RequestTimes.BOUNDS.indexOf(bound));
    }

    private Figures figures(String method) {
        return Objects.requireNonNull(times.figures().get(method));
    }

    @Test
    void nothingIsSaidOfWhatWasNeverCalled() {
        assertThat(times.figures()).isEmpty();
    }

    @Test
    void boundsAscend() {
        assertThat(RequestTimes.BOUNDS).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void countsUpToEachBound() {
        times.add("a", Duration.ofMillis(5).toNanos(), false);
        times.add("a", Duration.ofMillis(5).toNanos() + 1, true);
        times.add("a", 0, false);
        times.add("a", Duration.ofMinutes(5).toNanos(), false);
        times.add("b", 0, false);
        assertThat(within("a", Duration.ofMillis(1))).isEqualTo(1);
        assertThat(within("a", Duration.ofMillis(4))).isEqualTo(1);
        assertThat(within("a", Duration.ofMillis(5))).isEqualTo(2);
        assertThat(within("a", Duration.ofMillis(6))).isEqualTo(3);
        assertThat(within("a", Duration.ofMinutes(1))).isEqualTo(3);
        assertThat(figures("a").count()).isEqualTo(4);
        assertThat(figures("a").failures()).isEqualTo(1);
        assertThat(figures("a").total())
                .isEqualTo(Duration.ofMillis(10).plusNanos(1).plusMinutes(5));
        assertThat(figures("b").count()).isEqualTo(1);
    }

    @Test
    void measuresWhatAMethodTakesAndWhetherItFailed() throws Exception {
        RpcRequest request = Captured.request(Captured.of("create_volume").getFirst());
        assertThat(times.measured("a", _ -> NullNode.getInstance()).handle(request))
                .isEqualTo(NullNode.getInstance());
        assertThatThrownBy(() ->
                        times.measured(
                                        "a",
                                        _ -> {
                                            throw new IllegalStateException("no");
                                        })
                                .handle(request))
                .isInstanceOf(IllegalStateException.class);
        assertThat(figures("a").count()).isEqualTo(2);
        assertThat(figures("a").failures()).isEqualTo(1);
    }

    @Test
    void losesNoneOfManyThreads() throws Exception {
        List<Callable<Void>> work =
                Collections.nCopies(
                        8,
                        () -> {
                            for (int n = 0; n < 10_000; n++) {
                                times.add("a", Duration.ofMillis(3).toNanos(), false);
                            }
                            return null;
                        });
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (Future<Void> each : threads.invokeAll(work)) {
                each.get();
            }
        }
        assertThat(figures("a").count()).isEqualTo(80_000);
        assertThat(within("a", Duration.ofMillis(2))).isZero();
        assertThat(within("a", Duration.ofMillis(3))).isEqualTo(80_000);
    }
}
