package io.virtman.bridge.config;

import io.virtman.messaging.config.ConfigurationException;
import io.virtman.messaging.config.OsloConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Reads the files that the command line names. */
public final class ConfigurationFiles {
    /** What is read when nothing is named. */
    public static final Path STANDARD = Path.of("/etc/virtman/virtman.conf");

    private static final Set<String> TAKEN_OVER =
            Set.of(
                    "transport_url",
                    "control_exchange",
                    "rpc_response_timeout",
                    "report_interval",
                    "no_snapshot_gb_quota");
    private static final Set<String> SECRETS =
            Set.of("transport_url", "connection", "password", "notification_transport_url");

    private ConfigurationFiles() {}

    /**
     * Reads files.
     *
     * @param ours files and directories (of which {@code *.conf}), later ones win; {@link
     *     #STANDARD} if there are none
     * @param cinder Cinder's file, from which what both must have in common is taken where ours say
     *     nothing: messaging, the place of the database, zone and intervals
     * @param machine this machine's host name
     * @throws InvalidConfigurationException with all that is wrong
     */
    public static LoadedConfiguration<BridgeConfiguration> load(
            List<Path> ours, Optional<Path> cinder, String machine) {
        return load(ours, cinder, machine, ConfigurationReader::read);
    }

    /**
     * Reads files for the Nova bridge.
     *
     * @param ours as for {@link #load}
     * @throws InvalidConfigurationException with all that is wrong
     */
    public static LoadedConfiguration<NovaConfiguration> loadNova(List<Path> ours) {
        return load(ours, Optional.empty(), "", ConfigurationReader::readNova);
    }

    private static <T> LoadedConfiguration<T> load(
            List<Path> ours,
            Optional<Path> cinder,
            String machine,
            Function<ConfigurationReader, T> reading) {
        Problems problems = new Problems();
        List<Path> files = ours.isEmpty() ? List.of(STANDARD) : ours;
        Optional<OsloConfiguration> own = read(files, "copy etc/virtman/virtman.conf", problems);
        Optional<OsloConfiguration> theirs =
                cinder.flatMap(file -> read(List.of(file), "see --cinder-conf", problems));
        own.ifPresent(configuration -> UnknownOptions.find(configuration, problems));
        if (own.isEmpty() || (cinder.isPresent() && theirs.isEmpty())) {
            problems.throwIfAny(); // the rest would be about options that are there
        }
        ConfigurationReader reader =
                new ConfigurationReader(own.orElseThrow(), theirs, machine, problems);
        T configuration = reading.apply(reader);
        List<String> warnings = new ArrayList<>(reader.warnings());
        own.orElseThrow().options().stream()
                .filter(option -> SECRETS.contains(option.name()))
                .map(option -> Path.of(option.place().replaceFirst(" line \\d+$", "")))
                .distinct()
                .filter(ConfigurationFiles::readableByAll)
                .forEach(file ->
                        warnings.add(
                                file
                                        + " has passwords in it and everybody may read it: chmod"
                                        + " 640 it, owned by root and the bridge's group"));
        return new LoadedConfiguration<>(configuration, warnings, reader.settings());
    }

    /** What is taken over from Cinder's file as it is. */
    static boolean isTakenOver(String section, String name) {
        return section.equals(KnownOptions.RABBIT)
                || section.equals(KnownOptions.NOTIFICATIONS)
                || (section.equals(KnownOptions.DEFAULT)
                        && (TAKEN_OVER.contains(name)
                                || MessagingNames.UNLISTED
                                        .getOrDefault(KnownOptions.DEFAULT, List.of())
                                        .contains(name)));
    }

    private static Optional<OsloConfiguration> read(
            List<Path> files, String remedy, Problems problems) {
        boolean missing = false;
        for (Path file : files) {
            if (!Files.isReadable(file)) {
                missing = true;
                problems.add(
                        file
                                + (Files.exists(file)
                                        ? " cannot be read: check its owner and permissions"
                                        : " does not exist: " + remedy + ", or name another file"));
            }
        }
        if (missing) {
            return Optional.empty();
        }
        try {
            return Optional.of(OsloConfiguration.load(files));
        } catch (ConfigurationException e) {
            problems.add(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static boolean readableByAll(Path file) {
        try {
            return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException e) {
            return false; // nothing can be said about it
        }
    }
}
