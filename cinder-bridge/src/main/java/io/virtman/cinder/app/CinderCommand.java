package io.virtman.cinder.app;

import io.virtman.app.Service;
import io.virtman.app.Terminal;
import io.virtman.bridge.config.BridgeConfiguration;
import io.virtman.bridge.config.InvalidConfigurationException;
import io.virtman.bridge.config.LoadedConfiguration;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the bridge: a Cinder backend whose volumes VirtMan makes. */
@Command(
        name = "cinder",
        mixinStandardHelpOptions = true,
        description =
                "Run the Cinder bridge: the backend HOST@virtman, whose volumes VirtMan makes."
                        + " Prints 'ready host=HOST@BACKEND'.",
        subcommands = CinderRemoveCommand.class)
public final class CinderCommand implements Callable<Integer> {
    /** Kept, or its level would be forgotten with it. */
    private static final Logger OURS = Logger.getLogger("io.virtman");

    private static final int INVALID = 2;

    @Mixin private final ConfigurationOptions files = new ConfigurationOptions();

    @Option(
            names = "--accept-schema",
            description =
                    "work with a schema of Cinder's database that this release was not tested with")
    private boolean acceptSchema;

    @Option(
            names = "--check",
            description =
                    "say what would be used, secrets hidden, and end; nothing is connected to")
    private boolean check;

    private final BridgeStart bridge;

    /**
     * @param bridge what is run
     */
    public CinderCommand(BridgeStart bridge) {
        this.bridge = bridge;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        LoadedConfiguration<BridgeConfiguration> loaded = loadOrExplain(files);
        if (loaded == null) {
            return INVALID;
        }
        if (check) {
            show(loaded);
            return 0;
        }
        BridgeConfiguration configuration = withOptions(loaded.configuration());
        if (configuration.debug()) {
            OURS.setLevel(Level.FINE);
        }
        Closeable running = bridge.start(configuration);
        return Service.run("ready host=" + configuration.backend().serviceHost(), running::close);
    }

    /** Null when it is wrong, which has been said then, a line for each problem. */
    static @Nullable LoadedConfiguration<BridgeConfiguration> loadOrExplain(
            ConfigurationOptions files) {
        Terminal terminal = new Terminal();
        try {
            LoadedConfiguration<BridgeConfiguration> loaded = files.load();
            loaded.warnings().forEach(warning -> terminal.note("virtman: warning: " + warning));
            return loaded;
        } catch (InvalidConfigurationException e) {
            e.problems().forEach(problem -> terminal.note("virtman: " + problem));
            return null;
        }
    }

    private BridgeConfiguration withOptions(BridgeConfiguration read) {
        return new BridgeConfiguration(
                read.messaging(),
                read.rabbit(),
                read.notifications(),
                read.database(),
                read.keystone(),
                read.backend(),
                acceptSchema ? read.work().acceptingSchema() : read.work(),
                read.imports(),
                read.volt(),
                read.reportInterval(),
                read.snapshotsCountGigabytes(),
                read.debug());
    }

    private static void show(LoadedConfiguration<BridgeConfiguration> loaded) {
        Terminal terminal = new Terminal();
        BridgeConfiguration configuration = loaded.configuration();
        terminal.line("service " + configuration.backend().serviceHost());
        terminal.line("volumes " + configuration.backend().poolHost());
        terminal.line("database " + configuration.database());
        terminal.line("broker " + configuration.messaging().url());
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
