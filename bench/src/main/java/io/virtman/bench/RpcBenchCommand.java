package io.virtman.bench;

import io.virtman.app.Arguments;
import io.virtman.app.Terminal;
import io.virtman.rest.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code virtman bench rpc}: RPC calls through RabbitMQ, Java and Python in turn. */
@Command(
        name = "rpc",
        mixinStandardHelpOptions = true,
        description = {
            "Measure RPC calls through a RabbitMQ of its own: Java client and server, then Python's"
                    + " oslo.messaging client and server, in turn, each in a process of its own.",
            "Each call is Cinder's attachment_update as it was recorded, about 5 KB with its context."
                    + " Medians of the rounds are shown. Needs rabbitmq-server and python3-oslo.messaging."
        })
final class RpcBenchCommand implements Callable<Integer> {
    @Option(
            names = "--callers",
            defaultValue = "16",
            description = "calls at the same time, 1 to 1024 (default: ${DEFAULT-VALUE})")
    private int callers;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "1 to 100 (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(
            names = "--seconds",
            defaultValue = "8",
            description = "measured in each round, 1 to 3600 (default: ${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "6",
            description = "not measured before, 0 to 3600 (default: ${DEFAULT-VALUE})")
    private int warmUp;

    @Option(names = "--json", paramLabel = "FILE", description = "write the figures to a file")
    private @Nullable Path json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Arguments.requireRange("--callers", callers, 1, 1024);
        Arguments.requireRange("--rounds", rounds, 1, 100);
        Arguments.requireRange("--seconds", seconds, 1, 3600);
        Arguments.requireRange("--warm-up", warmUp, 0, 3600);
        Arguments.requireWritable("--json", json);
        Terminal terminal = new Terminal();
        RpcComparison comparison =
                new RpcBench(callers, warmUp, seconds, terminal::note).run(rounds);
        terminal.table(
                List.of("peer", "calls/s", "p50 ms", "p99 ms"),
                List.of(
                        row("java", comparison.java()),
                        row("python", comparison.python()),
                        List.of(
                                "java : python",
                                figure(comparison.callsRatio()),
                                figure(
                                        comparison.java().p50Millis()
                                                / comparison.python().p50Millis()),
                                figure(
                                        comparison.java().p99Millis()
                                                / comparison.python().p99Millis()))));
        if (json != null) {
            Files.writeString(json, Json.text(comparison) + "\n");
        }
        return 0;
    }

    private static List<@Nullable String> row(String name, RpcFigures figures) {
        return List.of(
                name,
                figure(figures.callsPerSecond()),
                figure(figures.p50Millis()),
                figure(figures.p99Millis()));
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%.0f", value);
    }
}
