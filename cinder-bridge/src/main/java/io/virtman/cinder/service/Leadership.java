package io.virtman.cinder.service;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.bridge.config.BackendOptions;
import io.virtman.bridge.config.BridgeConfiguration;
import io.virtman.bridge.config.ImportOptions;
import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.Lease;
import io.virtman.bridge.leader.Term;
import io.virtman.cinder.database.Capacity;
import io.virtman.cinder.database.RequestJournal;
import io.virtman.cinder.database.ServiceIdentity;
import io.virtman.cinder.database.ServiceRow;
import io.virtman.cinder.database.Services;
import io.virtman.cinder.engine.EngineHost;
import io.virtman.cinder.rpc.CapabilityReport;
import io.virtman.cinder.rpc.Casts;
import io.virtman.cinder.rpc.Flows;
import io.virtman.cinder.rpc.Refusal;
import io.virtman.cinder.rpc.RequestTimes;
import io.virtman.cinder.rpc.VolumeEndpoint;
import io.virtman.cinder.volume.Disks;
import io.virtman.cinder.volume.Exports;
import io.virtman.cinder.volume.GlanceImages;
import io.virtman.cinder.volume.ImageWatch;
import io.virtman.cinder.volume.InstanceHosts;
import io.virtman.cinder.volume.Ledger;
import io.virtman.cinder.volume.Locks;
import io.virtman.cinder.volume.Notices;
import io.virtman.cinder.volume.Reconciler;
import io.virtman.cinder.volume.SnapshotCreate;
import io.virtman.cinder.volume.SnapshotDelete;
import io.virtman.cinder.volume.Sources;
import io.virtman.cinder.volume.VolumeAttach;
import io.virtman.cinder.volume.VolumeCreate;
import io.virtman.cinder.volume.VolumeDelete;
import io.virtman.cinder.volume.VolumeExtend;
import io.virtman.cinder.volume.VolumeSettings;
import io.virtman.cinder.volume.VolumeSettings.ImportPolicy;
import io.virtman.messaging.rpc.RpcCall;
import io.virtman.messaging.rpc.RpcClient;
import io.virtman.messaging.rpc.RpcServer;
import io.virtman.messaging.rpc.RpcServerBuilder.Queue;
import io.virtman.messaging.rpc.Target;
import io.virtman.messaging.transport.Transport;
import io.virtman.messaging.wire.RequestContext;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The bridge while it leads: its row, its queues, its intervals. Made when the lease is won, closed
 * when it is lost or the service ends.
 */
final class Leadership implements Term {
    private static final Logger LOGGER = System.getLogger(Leadership.class.getName());
    private static final long UNLIMITED = 1L << 40;
    private static final int JOURNAL = 20_000;
    private static final Duration JOURNAL_AGE = Duration.ofDays(1);
    private static final int JOURNAL_BATCH = 1000;
    private static final Duration LOCK = Duration.ofSeconds(45);

    /** For a volume that another request works on; those that nobody waits for have another try. */
    private static final Duration BUSY = Duration.ofSeconds(10);

    private static final Duration IMAGE = Duration.ofHours(6);
    private static final Duration DRAIN = Duration.ofSeconds(10);
    private static final String TOPIC = "cinder-volume";
    private static final String SCHEDULER = "cinder-scheduler";
    private static final String DEFAULT_RPC_VERSION = "3.18";

    private final BridgeConfiguration configuration;
    private final Outside outside;
    private final Ledger ledger;
    private final CapabilityReport report;
    private final ImageWatch watch;
    private final Reconciler reconciler;
    private final Casts casts;
    private final RpcClient scheduler;
    private final RpcServer server;
    private final Rounds rounds;
    private volatile boolean removed;

    Leadership(
            BridgeConfiguration configuration,
            Outside outside,
            Database database,
            Lease lease,
            Transport transport,
            RequestTimes times,
            Notices notices) {
        this.configuration = configuration;
        this.outside = outside;
        BackendOptions backend = configuration.backend();
        this.ledger = ledger(configuration, database, lease, notices);
        this.report =
                new CapabilityReport(
                        backend.volumeBackendName(),
                        backend.pool(),
                        backend.maxOverSubscriptionRatio(),
                        backend.reservedPercentage());
        VolumeSettings settings = settings(configuration);
        Locks locks = new Locks(BUSY);
        boolean countGigabytes = configuration.snapshotsCountGigabytes();
        Disks disks = new Disks(outside.engine());
        GlanceImages images =
                new GlanceImages(ledger, outside.engine(), outside.images(), settings);
        this.watch =
                new ImageWatch(
                        ledger,
                        outside.engine(),
                        outside.images(),
                        images,
                        Math.max(1, configuration.work().workers() / 2));
        Sources sources = new Sources(ledger, outside.engine(), disks);
        Exports exports = new Exports(ledger, outside.engine(), disks, images);
        Flows flows =
                new Flows(
                        new VolumeCreate(ledger, images, watch, sources, locks, settings),
                        new VolumeDelete(ledger, outside.engine(), locks, countGigabytes),
                        new VolumeExtend(ledger, outside.engine(), locks),
                        new SnapshotCreate(ledger, sources, watch, locks, settings),
                        new SnapshotDelete(ledger, locks, countGigabytes),
                        new VolumeAttach(
                                ledger,
                                exports,
                                new InstanceHosts(
                                        outside.compute(),
                                        nanos ->
                                                times.add(RequestTimes.VERIFICATION, nanos, false)),
                                locks,
                                settings),
                        new Refusal(ledger, outside.images()));
        this.reconciler = new Reconciler(ledger, outside.engine(), locks);
        this.casts = new Casts(ledger, flows, configuration.work().workers());
        new Recovery(ledger).run();
        this.scheduler = RpcClient.builder(transport).build();
        this.rounds = new Rounds();
        try {
            this.server = serve(transport, flows, times);
        } catch (RuntimeException e) {
            scheduler.close(); // it will be tried again, with another one
            throw e;
        }
        schedule();
    }

    private static Ledger ledger(
            BridgeConfiguration configuration, Database database, Lease lease, Notices notices) {
        BackendOptions backend = configuration.backend();
        ServiceIdentity identity =
                new ServiceIdentity(
                        backend.serviceHost(),
                        backend.availabilityZone(),
                        configuration.work().rpcVersion().orElse(DEFAULT_RPC_VERSION),
                        configuration.work().objectVersion());
        ServiceRow row = database.change(lease, tx -> Services.register(tx, identity));
        return new Ledger(
                database,
                lease,
                row,
                backend.serviceHost(),
                new RequestJournal(backend.serviceHost(), JOURNAL),
                notices);
    }

    private static VolumeSettings settings(BridgeConfiguration configuration) {
        long rate = configuration.imports().rate();
        return new VolumeSettings(
                configuration.work().verifyInstanceHost(),
                configuration.imports().policy() == ImportOptions.Policy.LAZY
                        ? ImportPolicy.LAZY
                        : ImportPolicy.BEFORE_AVAILABLE,
                rate == 0 ? UNLIMITED : rate,
                configuration.imports().nodes(),
                LOCK,
                IMAGE);
    }

    /**
     * Three sources, as {@code cinder/service.py} has them, but not the topic's shared queue: what
     * comes there is for any backend, and would be swallowed.
     */
    private RpcServer serve(Transport transport, Flows flows, RequestTimes times) {
        BackendOptions backend = configuration.backend();
        String exchange = configuration.messaging().controlExchange();
        return RpcServer.builder(transport)
                .listen(
                        Target.of(exchange, TOPIC).withServer(backend.serviceHost()),
                        Queue.SERVER,
                        Queue.FANOUT)
                .listen(
                        Target.of(exchange, TOPIC + "." + backend.serviceHost())
                                .withServer(backend.host()),
                        Queue.SERVER,
                        Queue.FANOUT)
                .concurrency(configuration.work().workers())
                .endpoint(
                        VolumeEndpoint.of(
                                configuration.work().rpcVersion().orElse(DEFAULT_RPC_VERSION),
                                ledger,
                                flows,
                                casts,
                                times,
                                this::reportCapabilities,
                                () -> report.properties(backend.serviceHost()),
                                configuration.patience()))
                .start();
    }

    private void schedule() {
        rounds.every(
                "capabilities", configuration.backend().statsInterval(), this::reportCapabilities);
        rounds.every("heartbeat", configuration.reportInterval(), this::heartbeat);
        rounds.every("requests", Intervals.RESUME, casts::resume);
        rounds.every("images", Intervals.IMAGES, watch::tick);
        rounds.every("hosts", configuration.work().reconcileInterval(), reconciler::round);
        rounds.every("tidying", Intervals.TIDY, this::tidy);
    }

    /** Without a node that is up nothing works, so Cinder shall see the service as down. */
    private void heartbeat() {
        if (outside.engine().hosts().stream().anyMatch(EngineHost::alive)) {
            boolean there =
                    ledger.database()
                            .changeApart(
                                    ledger.lease(), tx -> Services.heartbeat(tx, ledger.service()));
            if (!there) {
                removed = true;
            }
        }
    }

    @Override
    public boolean goesOn() {
        if (removed) {
            LOGGER.log(Level.WARNING, "our row in Cinder's services is gone; starting anew");
        }
        return !removed;
    }

    private void reportCapabilities() {
        List<EngineHost> hosts = outside.engine().hosts();
        long provisioned =
                ledger.read(tx -> Capacity.byPool(tx, ledger.backend())).values().stream()
                        .mapToLong(Capacity::gigabytes)
                        .sum();
        ObjectNode capabilities = report.capabilities(hosts, provisioned);
        Instant now = Instant.now();
        String exchange = configuration.messaging().controlExchange();
        RequestContext context = RequestContext.admin(RequestContext.freshRequestId(), now);
        scheduler.cast(
                Target.of(exchange, SCHEDULER).withFanout().withVersion("3.3"),
                RpcCall.of("update_service_capabilities")
                        .arg("service_name", "volume")
                        .arg("host", ledger.backend())
                        .arg("cluster_name", (String) null)
                        .arg("capabilities", capabilities)
                        .arg("timestamp", RequestContext.timestamp(now))
                        .context(context)
                        .build());
    }

    /** Casts being carried out. */
    int running() {
        return casts.running();
    }

    private void tidy() {
        int _ = ledger.change(tx -> ledger.journal().purge(tx, JOURNAL_AGE, JOURNAL_BATCH));
        watch.tidy();
    }

    /** Ends its work; what is under way gets some time, and goes on after the next start. */
    @Override
    public void close() {
        rounds.close();
        server.close(DRAIN);
        casts.close();
        scheduler.close();
    }

    /** So that Cinder does not wait for a minute before it sees that we are gone. */
    @Override
    public void sayGoodbye() {
        rounds.close(); // or a heartbeat under way would take it back
        try {
            boolean _ =
                    ledger.database()
                            .changeApart(
                                    ledger.lease(), tx -> Services.markDown(tx, ledger.service()));
        } catch (RuntimeException e) {
            LOGGER.log(
                    Level.WARNING, "the service could not be marked as down: {0}", e.getMessage());
        }
    }
}
