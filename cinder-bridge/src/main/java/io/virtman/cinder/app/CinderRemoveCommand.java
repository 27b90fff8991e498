package io.virtman.cinder.app;

import io.virtman.app.Terminal;
import io.virtman.bridge.config.BridgeConfiguration;
import io.virtman.bridge.config.LoadedConfiguration;
import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.DatabaseException;
import io.virtman.bridge.database.Lease;
import io.virtman.bridge.database.Leases;
import io.virtman.cinder.database.OwnTables;
import io.virtman.cinder.database.Services;
import io.virtman.cinder.database.Volumes;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Takes a bridge that is stopped off Cinder's list of services. */
@Command(
        name = "remove",
        mixinStandardHelpOptions = true,
        description =
                "Remove the service of a stopped bridge from Cinder's list, and its pin on the"
                        + " versions that all services use. Its volumes are not touched.")
final class CinderRemoveCommand implements Callable<Integer> {
    private static final int INVALID = 2;

    /** Long enough for this command; free again by itself when it is killed. */
    private static final Duration LEASE = Duration.ofMinutes(1);

    @Mixin private final ConfigurationOptions files = new ConfigurationOptions();

    @Option(
            names = "--force",
            description = "also when there are volumes, which nobody can delete then")
    private boolean force;

    @Override
    public Integer call() {
        LoadedConfiguration<BridgeConfiguration> loaded = CinderCommand.loadOrExplain(files);
        if (loaded == null) {
            return INVALID;
        }
        String service = loaded.configuration().backend().serviceHost();
        try (Database database = BridgeDatabase.open(loaded.configuration().database())) {
            int rows = remove(database, service, force);
            new Terminal().line(rows == 0 ? service + " was not registered" : "removed " + service);
            return 0;
        } catch (DatabaseException e) {
            throw problem(loaded, e);
        }
    }

    private static ProblemException problem(
            LoadedConfiguration<BridgeConfiguration> loaded, DatabaseException e) {
        return new ProblemException(
                e.isRetryable() ? Kind.UNAVAILABLE : Kind.FAILED,
                "database " + loaded.configuration().database(),
                String.valueOf(e.getMessage()),
                "see 'virtman doctor'",
                e);
    }

    /**
     * Removes the row of a service, holding its lease meanwhile.
     *
     * @return how many rows there were
     * @throws ProblemException CONFLICT when its bridge runs, or has volumes
     */
    static int remove(Database database, String service, boolean force) {
        OwnTables.migrate(database);
        Leases leases = new Leases(database, OwnTables.LEASES, LEASE);
        Lease lease =
                leases.acquire(service, "remove-" + UUID.randomUUID())
                        .orElseThrow(() ->
                                new ProblemException(
                                        Kind.CONFLICT,
                                        service,
                                        "a bridge of that name runs, or has crashed a moment ago",
                                        "stop it, wait for lease_duration, and try again"));
        try {
            return database.change(
                    lease,
                    transaction -> {
                        var volumes = Volumes.ofBackend(transaction, service, "", 1);
                        if (!volumes.isEmpty() && !force) {
                            throw new ProblemException(
                                    Kind.CONFLICT,
                                    service,
                                    "it has volumes, " + volumes.getFirst().id() + " among them",
                                    "delete them first, or use --force and know that nobody can"
                                            + " then");
                        }
                        return Services.deregister(transaction, service);
                    });
        } finally {
            leases.release(lease);
        }
    }
}
