package io.virtman.nova.app;

import io.virtman.app.Service;
import io.virtman.app.Terminal;
import io.virtman.bridge.config.ConfigurationFiles;
import io.virtman.bridge.config.InvalidConfigurationException;
import io.virtman.bridge.config.LoadedConfiguration;
import io.virtman.bridge.config.NovaConfiguration;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the service that boots many servers by one request. */
@Command(
        name = "nova",
        mixinStandardHelpOptions = true,
        description =
                "Run the Nova bridge: boots many servers by one request, at a pace that OpenStack"
                        + " sustains. Prints 'ready url=http://HOST:PORT'.")
public final class NovaCommand implements Callable<Integer> {
    /** Kept, or its level would be forgotten with it. */
    private static final Logger OURS = Logger.getLogger("io.virtman");

    private static final int INVALID = 2;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "configuration, also a directory of *.conf; may be repeated, later ones win"
                            + " (default: /etc/virtman/virtman.conf)")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--check",
            description =
                    "say what would be used, secrets hidden, and end; nothing is connected to")
    private boolean check;

    private final NovaStart bridge;

    /**
     * @param bridge what is run
     */
    public NovaCommand(NovaStart bridge) {
        this.bridge = bridge;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        LoadedConfiguration<NovaConfiguration> loaded = loadOrExplain();
        if (loaded == null) {
            return INVALID;
        }
        if (check) {
            show(loaded);
            return 0;
        }
        NovaConfiguration configuration = loaded.configuration();
        if (configuration.debug()) {
            OURS.setLevel(Level.FINE);
        }
        Closeable running = bridge.start(configuration);
        return Service.run(
                "ready url=http://"
                        + configuration.nova().bindHost()
                        + ":"
                        + configuration.nova().bindPort(),
                running::close);
    }

    private @Nullable LoadedConfiguration<NovaConfiguration> loadOrExplain() {
        Terminal terminal = new Terminal();
        try {
            LoadedConfiguration<NovaConfiguration> loaded = ConfigurationFiles.loadNova(files);
            loaded.warnings().forEach(warning -> terminal.note("virtman: warning: " + warning));
            return loaded;
        } catch (InvalidConfigurationException e) {
            e.problems().forEach(problem -> terminal.note("virtman: " + problem));
            return null;
        }
    }

    private static void show(LoadedConfiguration<NovaConfiguration> loaded) {
        Terminal terminal = new Terminal();
        terminal.line("database " + loaded.configuration().database());
        terminal.line("account " + loaded.configuration().keystone());
        terminal.table(
                List.of("SECTION", "OPTION", "VALUE", "FROM"),
                loaded.settings().stream()
                        .<List<@Nullable String>>map(setting ->
                                List.of(
                                        setting.section(),
                                        setting.option(),
                                        setting.value(),
                                        setting.origin()))
                        .toList());
    }
}
