package io.virtman.bridge.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Makes {@link NovaOptions} of files. For one thread. */
final class NovaReader {
    /** Reads an option, and collects what is wrong with it. */
    @FunctionalInterface
    interface Getter {
        <T> Optional<T> get(Option<T> option);
    }

    private final Getter options;
    private final Problems problems;

    NovaReader(Getter options, Problems problems) {
        this.options = options;
        this.problems = problems;
    }

    Optional<NovaOptions> read() {
        var bindHost = options.get(KnownOptions.BIND_HOST);
        var bindPort = options.get(KnownOptions.BIND_PORT);
        var keyFile = options.get(KnownOptions.KEY_FILE);
        var policyFile = options.get(KnownOptions.POLICY_FILE);
        var jobLimit = options.get(KnownOptions.JOB_LIMIT);
        var apiTimeout = options.get(KnownOptions.API_TIMEOUT);
        var buildTimeout = options.get(KnownOptions.BUILD_TIMEOUT);
        var pollInterval = options.get(KnownOptions.POLL_INTERVAL);
        var firstParallel = options.get(KnownOptions.FIRST_PARALLEL);
        var maxParallel = options.get(KnownOptions.MAX_PARALLEL);
        var batchSize = options.get(KnownOptions.BATCH_SIZE);
        var retries = options.get(KnownOptions.RETRIES);
        var boots = options.get(KnownOptions.PROJECT_BOOTS);
        var servers = options.get(KnownOptions.PROJECT_SERVERS);
        boolean all =
                List.of(
                                bindPort,
                                jobLimit,
                                apiTimeout,
                                buildTimeout,
                                pollInterval,
                                firstParallel,
                                maxParallel,
                                batchSize,
                                retries,
                                boots,
                                servers)
                        .stream()
                        .allMatch(Optional::isPresent);
        return all
                ? problems.collect(() ->
                        new NovaOptions(
                                bindHost.orElseThrow(),
                                bindPort.orElseThrow(),
                                Path.of(keyFile.orElseThrow()),
                                policyFile.orElseThrow().map(Path::of),
                                jobLimit.orElseThrow(),
                                apiTimeout.orElseThrow(),
                                buildTimeout.orElseThrow(),
                                pollInterval.orElseThrow(),
                                firstParallel.orElseThrow(),
                                maxParallel.orElseThrow(),
                                batchSize.orElseThrow(),
                                retries.orElseThrow(),
                                boots.orElseThrow(),
                                servers.orElseThrow()))
                : Optional.empty();
    }
}
