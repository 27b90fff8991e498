package io.virtman.nova.service;

import io.virtman.bridge.config.DatabaseOptions;
import io.virtman.bridge.config.NovaConfiguration;
import io.virtman.bridge.config.NovaOptions;
import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.DatabaseSettings;
import io.virtman.bridge.database.Lease;
import io.virtman.bridge.database.Leases;
import io.virtman.bridge.leader.Leader;
import io.virtman.bridge.leader.Term;
import io.virtman.nova.api.Authentication;
import io.virtman.nova.api.BootsResource;
import io.virtman.nova.api.Orders;
import io.virtman.nova.api.Policy;
import io.virtman.nova.api.ProjectLimits;
import io.virtman.nova.cloud.Cloud;
import io.virtman.nova.database.NovaTables;
import io.virtman.nova.pace.Window;
import io.virtman.nova.run.Pace;
import io.virtman.nova.run.RunLimits;
import io.virtman.nova.secret.SecretKey;
import io.virtman.rest.RestServer;
import java.io.Closeable;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The service that boots many servers: every process of it answers requests, and one carries the
 * boots out.
 */
public final class NovaService implements Closeable {
    private static final String NAME = "nova";

    private final Database database;
    private final Leader leader;
    private final RestServer server;
    private volatile @Nullable BootWork work; // the last

    private NovaService(NovaConfiguration configuration, Cloud cloud, Database database) {
        NovaOptions options = configuration.nova();
        this.database = database;
        Orders orders = new Orders(SecretKey.in(options.keyFile()));
        Policy policy = options.policyFile().map(Policy::load).orElseGet(Policy::usual);
        Pace pace =
                new Pace(
                        new Window(options.firstParallel(), 1, options.maxParallel()),
                        System::nanoTime);
        RunLimits limits =
                new RunLimits(options.apiTimeout(), options.buildTimeout(), options.batchSize());
        BootsResource boots =
                new BootsResource(
                        database,
                        cloud,
                        policy,
                        orders,
                        new ProjectLimits(
                                options.projectBoots(),
                                options.projectServers(),
                                options.jobLimit(),
                                options.retriesPerTen()));
        this.server =
                RestServer.start(
                        new InetSocketAddress(options.bindHost(), options.bindPort()),
                        List.of(
                                new Authentication(cloud),
                                boots,
                                new NovaPage(pace, this::leads, this::running)));
        this.leader =
                Leader.start(
                        new Leases(database, NovaTables.LEASES, configuration.leaseDuration()),
                        NAME,
                        configuration.leaseDuration(),
                        lease -> lead(lease, cloud, pace, limits, options.pollInterval(), orders));
    }

    /**
     * Starts it; returns at once, answers, and carries boots out when it can.
     *
     * @throws io.virtman.bridge.database.DatabaseException when the database can't be reached
     * @throws io.virtman.problem.ProblemException when a file can't be read, or the address can't
     *     be listened on
     */
    public static NovaService start(NovaConfiguration configuration, Cloud cloud) {
        DatabaseOptions options = configuration.database();
        Database database =
                new Database(
                        DatabaseSettings.of(
                                options.server(),
                                options.schema(),
                                options.user(),
                                options.password(),
                                options.poolSize()),
                        InstantSource.system());
        try {
            NovaTables.migrate(database);
            return new NovaService(configuration, cloud, database);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    private Term lead(
            Lease lease, Cloud cloud, Pace pace, RunLimits limits, Duration poll, Orders orders) {
        BootWork begun = new BootWork(database, lease, cloud, pace, limits, poll, orders::whole);
        work = begun;
        return begun;
    }

    private boolean leads() {
        return leader.leads();
    }

    private int running() {
        BootWork now = work;
        return now == null || !leads() ? 0 : now.running();
    }

    /** Waits until it leads; false when the time is up before. */
    public boolean awaitLeadership(Duration limit) throws InterruptedException {
        return leader.awaitLeadership(limit);
    }

    /** The port it answers on. */
    public int port() {
        return server.port();
    }

    /** Ends; boots go on after the next start, or elsewhere. */
    @Override
    public void close() {
        server.close();
        leader.close();
        database.close();
    }
}
