package io.virtman.bench;

/**
 * Both peers over the same broker in the same run.
 *
 * @param callers calls at the same time
 * @param rounds of which the medians are given
 * @param callsRatio calls per second of Java for one of Python
 */
record RpcComparison(
        RpcFigures java, RpcFigures python, int callers, int rounds, double callsRatio) {}
