package io.virtman.bench;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code virtman bench}: what VirtMan reaches on this machine beside its peers. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "BENCHMARK",
        description = "Measures parts of VirtMan beside what else there is, in the same run.",
        subcommands = {RpcBenchCommand.class, CodecBenchCommand.class})
public final class BenchCommand implements Runnable {
    @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                java.util.Objects.requireNonNull(spec).commandLine(), "a benchmark is missing");
    }
}
