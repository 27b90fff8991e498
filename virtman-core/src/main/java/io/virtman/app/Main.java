package io.virtman.app;

import io.virtman.app.quickstart.QuickstartCommand;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line. Exit codes: 0 done, 1 failed, 2 the command line or an argument is wrong. */
@Command(
        name = "virtman",
        description =
                "Boots many VMs of one image: hosts attach it through a hierarchy and fetch only what is read.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:failed", "2:the command line or an argument is wrong"},
        subcommands = {
            QuickstartCommand.class,
            VoltCommand.class,
            NodeCommand.class,
            ImageCommand.class,
            CreateCommand.class,
            DestroyCommand.class,
            DiskCommand.class,
            SnapshotCommand.class,
            ListCommand.class,
            BootCommand.class,
            TreeCommand.class,
            StatusCommand.class,
            ExportCommand.class,
            CommandLine.HelpCommand.class
        })
public final class Main implements Runnable {
    @CommandLine.Spec private CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

    /** Runs a command of the engine and ends the JVM with its exit code. */
    public static void main(String[] arguments) {
        run(arguments);
    }

    /**
     * Runs a command and ends the JVM with its exit code.
     *
     * @param further commands besides the engine's: objects of classes that picocli understands
     */
    public static void run(String[] arguments, Object... further) {
        Logging.configure();
        System.exit(commandLine(further).execute(arguments));
    }

    static CommandLine commandLine(Object... further) {
        CommandLine line = new CommandLine(new Main());
        for (Object command : further) {
            line.addSubcommand(command);
        }
        // Last, since what is set here reaches the commands that are there by now.
        return line.setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, _) -> {
                    command.getErr().println("virtman: " + explain(failure));
                    return failure instanceof ProblemException problem
                                    && problem.kind() == Kind.INVALID
                            ? 2
                            : 1;
                });
    }

    /** One line, whatever failed. */
    private static String explain(Exception failure) {
        String message =
                failure instanceof ProblemException || failure.getMessage() == null
                        ? String.valueOf(failure.getMessage())
                        : failure.getClass().getSimpleName()
                                + ": "
                                + failure.getMessage()
                                + "; check what it names, its permissions and the free space there";
        return message.strip().replaceAll("\\s*\\R\\s*", " | ");
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                java.util.Objects.requireNonNull(spec).commandLine(), "a command is missing");
    }
}
