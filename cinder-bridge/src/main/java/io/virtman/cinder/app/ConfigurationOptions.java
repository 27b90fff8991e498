package io.virtman.cinder.app;

import io.virtman.bridge.config.BridgeConfiguration;
import io.virtman.bridge.config.ConfigurationFiles;
import io.virtman.bridge.config.LoadedConfiguration;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which files are read; mixed into every command of the bridge. */
public final class ConfigurationOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "configuration, also a directory of *.conf; may be repeated, later ones win"
                            + " (default: /etc/virtman/virtman.conf)")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--cinder-conf",
            paramLabel = "FILE",
            description =
                    "Cinder's own file, from which messaging, the database's place, zone and"
                            + " intervals are taken where ours says nothing")
    private @Nullable Path cinder;

    /**
     * Reads them.
     *
     * @throws io.virtman.bridge.config.InvalidConfigurationException with all that is wrong
     */
    public LoadedConfiguration<BridgeConfiguration> load() {
        return ConfigurationFiles.load(files, Optional.ofNullable(cinder), machine());
    }

    /** As Python's socket.gethostname() has it, which asks no name server. */
    static String machine() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return InetAddress.getLoopbackAddress().getHostName();
        }
    }
}
