package io.virtman.cinder.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import io.virtman.messaging.rpc.RpcMethod;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How long requests take, from when they are taken up to when they are done: by method, and the
 * journal and Nova's answers apart. Counted since the start and never forgotten, so that whoever
 * reads them now and then knows the times in between. Safe for many threads.
 */
public final class RequestTimes {
    /** Under what {@code verify_instance_host} is counted. */
    public static final String VERIFICATION = "verify_instance_host";

    /** Under what the writing of casts into the journal is counted, before their own time. */
    public static final String JOURNAL = "journal";

    /** Times that requests are counted up to, ascending: close together where promises are. */
    public static final List<Duration> BOUNDS =
            Stream.of(
                            1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40, 50, 75, 100, 150, 200, 300,
                            500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000)
                    .map(Duration::ofMillis)
                    .toList();

    /**
     * One method's figures.
     *
     * @param count all of them
     * @param failures of these
     * @param total of all
     * @param within how many took no longer than each of {@link #BOUNDS}
     */
    public record Figures(long count, long failures, Duration total, List<Long> within) {
        /** Copies the list. */
        public Figures {
            within = List.copyOf(within);
        }
    }

    private static final class Kept {
        private final long[] within = new long[BOUNDS.size()];
        private long count;
        private long failures;
        private long total;

        synchronized void add(long nanos, boolean failed) {
            for (int i = within.length - 1; i >= 0 && nanos <= BOUNDS.get(i).toNanos(); i--) {
                within[i]++;
            }
            count++;
            total += nanos;
            failures += failed ? 1 : 0;
        }

        synchronized Figures figures() {
            return new Figures(
                    count,
                    failures,
                    Duration.ofNanos(total),
                    Arrays.stream(within).boxed().toList());
        }
    }

    private final Map<String, Kept> kept = new ConcurrentHashMap<>();

    /** The same method, measured. */
    RpcMethod measured(String name, RpcMethod method) {
        return request -> {
            long start = System.nanoTime();
            boolean failed = true;
            try {
                @Nullable JsonNode result = method.handle(request);
                failed = false;
                return result;
            } finally {
                add(name, System.nanoTime() - start, failed);
            }
        };
    }

    /** Adds one. */
    public void add(String name, long nanos, boolean failed) {
        kept.computeIfAbsent(name, _ -> new Kept()).add(nanos, failed);
    }

    /** All that have been called, by name. */
    public Map<String, Figures> figures() {
        Map<String, Figures> figures = new TreeMap<>();
        kept.forEach((name, each) -> figures.put(name, each.figures()));
        return figures;
    }
}
