package io.virtman.cinder.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import io.virtman.messaging.rpc.RpcMethod;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How long requests take, from when they are taken up to when they are done: by method, and the
 * journal and Nova's answers apart. Quantiles are those of the latest thousand of each. Safe for
 * many threads.
 */
public final class RequestTimes {
    /** Under what {@code verify_instance_host} is counted. */
    public static final String VERIFICATION = "verify_instance_host";

    /** Under what the writing of casts into the journal is counted, before their own time. */
    public static final String JOURNAL = "journal";

    private static final int KEPT = 1000;

    /**
     * One method's figures.
     *
     * @param count all of them
     * @param failures of these
     * @param total of all
     * @param p50 median of the latest
     * @param p99 of the latest
     * @param longest of the latest
     */
    public record Figures(
            long count,
            long failures,
            Duration total,
            Duration p50,
            Duration p99,
            Duration longest) {}

    private static final class Kept {
        private final long[] latest = new long[KEPT];
        private long count;
        private long failures;
        private long total;

        synchronized void add(long nanos, boolean failed) {
            latest[(int) (count % KEPT)] = nanos;
            count++;
            total += nanos;
            failures += failed ? 1 : 0;
        }

        synchronized Figures figures() {
            long[] sorted = Arrays.copyOf(latest, (int) Math.min(count, KEPT));
            Arrays.sort(sorted);
            return new Figures(
                    count,
                    failures,
                    Duration.ofNanos(total),
                    at(sorted, 0.5),
                    at(sorted, 0.99),
                    at(sorted, 1));
        }

        /** The smallest that so many are not above. */
        private static Duration at(long[] sorted, double share) {
            int rank = (int) Math.ceil(share * sorted.length);
            return Duration.ofNanos(sorted.length == 0 ? 0 : sorted[Math.max(rank, 1) - 1]);
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
