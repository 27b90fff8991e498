package io.virtman.bench;

import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What a client saw.
 *
 * @param callsPerSecond answered, all callers together
 * @param p50Millis median of the time a call took
 * @param p99Millis 99th percentile of it
 */
record RpcFigures(double callsPerSecond, double p50Millis, double p99Millis) {
    /** The median of each figure over the rounds, of which there is at least one. */
    static RpcFigures median(List<RpcFigures> rounds) {
        return new RpcFigures(
                median(rounds, RpcFigures::callsPerSecond),
                median(rounds, RpcFigures::p50Millis),
                median(rounds, RpcFigures::p99Millis));
    }

    private static double median(List<RpcFigures> rounds, ToDoubleFunction<RpcFigures> figure) {
        List<RpcFigures> sorted =
                rounds.stream().sorted(Comparator.comparingDouble(figure)).toList();
        int middle = sorted.size() / 2;
        double upper = figure.applyAsDouble(sorted.get(middle));
        return sorted.size() % 2 == 1
                ? upper
                : (upper + figure.applyAsDouble(sorted.get(middle - 1))) / 2;
    }
}
