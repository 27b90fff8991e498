package io.virtman.bench;

import io.virtman.app.Terminal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;

/** {@code virtman bench codec}: {@link CodecBenchmark} under JMH, in a JVM of its own. */
@Command(
        name = "codec",
        mixinStandardHelpOptions = true,
        description =
                "Measure with JMH what writing and reading the messages of an RPC call costs, without a broker.")
final class CodecBenchCommand implements Callable<Integer> {
    private static final TimeValue ITERATION = TimeValue.seconds(2);

    @Override
    public Integer call() throws RunnerException {
        Collection<RunResult> results =
                new Runner(
                                new OptionsBuilder()
                                        .include(CodecBenchmark.class.getName())
                                        .forks(1)
                                        .warmupIterations(3)
                                        .warmupTime(ITERATION)
                                        .measurementIterations(5)
                                        .measurementTime(ITERATION)
                                        .verbosity(VerboseMode.SILENT)
                                        .build())
                        .run();
        List<List<@Nullable String>> rows = new ArrayList<>();
        for (RunResult result : results) {
            Result<?> primary = result.getPrimaryResult();
            rows.add(
                    List.of(
                            primary.getLabel(),
                            String.format(Locale.ROOT, "%.2f", primary.getScore()),
                            String.format(Locale.ROOT, "%.2f", primary.getScoreError())));
        }
        new Terminal().table(List.of("what", "us each", "+-"), rows);
        return 0;
    }
}
