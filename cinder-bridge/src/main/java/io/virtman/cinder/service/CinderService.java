package io.virtman.cinder.service;

import io.virtman.bridge.config.BridgeConfiguration;
import io.virtman.bridge.config.DatabaseOptions;
import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.DatabaseException;
import io.virtman.bridge.database.DatabaseSettings;
import io.virtman.bridge.database.Lease;
import io.virtman.bridge.database.Leases;
import io.virtman.cinder.database.CinderSchema;
import io.virtman.cinder.database.OwnTables;
import io.virtman.cinder.notify.Notifications;
import io.virtman.cinder.notify.UsageNotices;
import io.virtman.cinder.rpc.RequestTimes;
import io.virtman.messaging.transport.Transport;
import java.io.Closeable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The bridge as a service. Of all that run with the same name one leads, by a lease in the
 * database; the others wait. A leader that loses the lease stops at once, and its late writes are
 * refused.
 */
public final class CinderService implements Closeable {
    private static final Logger LOGGER = System.getLogger(CinderService.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration END = Duration.ofSeconds(30);

    private final BridgeConfiguration configuration;
    private final Outside outside;
    private final Database database;
    private final Transport transport;
    private final UsageNotices notices;
    private final Leases leases;
    private final String holder = UUID.randomUUID().toString();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch leading = new CountDownLatch(1);
    private final Thread thread;
    private final RequestTimes times = new RequestTimes();
    private volatile @Nullable Leadership leader;

    private CinderService(
            BridgeConfiguration configuration,
            Outside outside,
            Database database,
            Transport transport) {
        this.configuration = configuration;
        this.outside = outside;
        this.database = database;
        this.transport = transport;
        this.notices =
                Notifications.open(
                        configuration.notifications(),
                        configuration.rabbit(),
                        configuration.messaging().controlExchange(),
                        configuration.backend().serviceHost(),
                        database,
                        transport);
        this.leases = new Leases(database, OwnTables.LEASES, configuration.work().leaseDuration());
        this.thread = Thread.ofPlatform().name("cinder-service").unstarted(this::run);
    }

    /**
     * Starts it; returns at once, and becomes the leader when it can.
     *
     * @param transport is not closed by the service
     * @throws io.virtman.cinder.database.UnknownSchemaException when Cinder's database isn't one
     *     that was tested
     * @throws DatabaseException when it can't be reached
     */
    public static CinderService start(
            BridgeConfiguration configuration, Outside outside, Transport transport) {
        Database database =
                new Database(settings(configuration.database()), InstantSource.system());
        try {
            CinderSchema.require(database, configuration.work().acceptSchema());
            OwnTables.migrate(database);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
        CinderService service = new CinderService(configuration, outside, database, transport);
        service.thread.start();
        FirstContact.make(outside);
        return service;
    }

    private static DatabaseSettings settings(DatabaseOptions options) {
        return DatabaseSettings.of(
                options.server(),
                options.schema(),
                options.user(),
                options.password(),
                options.poolSize());
    }

    /** Its figures, to be served; none of them is secret. */
    public MetricsPage metrics() {
        return new MetricsPage(times, this::running, () -> leader != null, notices::figures);
    }

    private long running() {
        Leadership now = leader;
        return now == null ? 0 : now.running();
    }

    /** Waits until it leads; false when the time is up before. */
    public boolean awaitLeadership(Duration limit) throws InterruptedException {
        return leading.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void run() {
        boolean told = false;
        try {
            do {
                try {
                    Optional<Lease> lease =
                            leases.acquire(configuration.backend().serviceHost(), holder);
                    if (lease.isPresent()) {
                        lead(lease.get());
                        told = false;
                    } else if (!told) {
                        told = true;
                        LOGGER.log(
                                Level.INFO,
                                "another service leads {0}; waiting",
                                configuration.backend().serviceHost());
                    }
                } catch (RuntimeException e) {
                    LOGGER.log(Level.WARNING, "can''t lead: {0}", e.toString());
                }
            } while (!closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody waits for it any more
        }
    }

    private void lead(Lease lease) throws InterruptedException {
        LOGGER.log(Level.INFO, "leading {0}", configuration.backend().serviceHost());
        try (Leadership leadership =
                new Leadership(
                        configuration, outside, database, lease, transport, times, notices)) {
            leader = leadership;
            leading.countDown();
            keep(lease, leadership);
            if (closed.getCount() == 0) {
                leadership.sayGoodbye();
            }
        } finally {
            leader = null;
            release(lease);
        }
    }

    /** Renews the lease until that fails for its whole duration, somebody has it, or we end. */
    private void keep(Lease lease, Leadership leadership) throws InterruptedException {
        Duration duration = configuration.work().leaseDuration();
        long renewed = System.nanoTime();
        while (!closed.await(duration.toMillis() / 3, TimeUnit.MILLISECONDS)) {
            try {
                if (!leases.renew(lease)) {
                    LOGGER.log(Level.WARNING, "another service leads now");
                    return;
                }
                renewed = System.nanoTime();
                if (leadership.isRemoved()) {
                    LOGGER.log(
                            Level.WARNING, "our row in Cinder's services is gone; starting anew");
                    return;
                }
            } catch (DatabaseException e) {
                LOGGER.log(Level.WARNING, "the lease can''t be renewed: {0}", e.getMessage());
                if (System.nanoTime() - renewed > duration.toNanos()) {
                    return;
                }
            }
        }
    }

    private void release(Lease lease) {
        try {
            leases.release(lease);
        } catch (RuntimeException e) {
            LOGGER.log(Level.DEBUG, "the lease runs out by itself: {0}", e.getMessage());
        }
    }

    /** Ends the service; requests under way get some time, and go on after the next start. */
    @Override
    public void close() {
        closed.countDown();
        try {
            if (!thread.join(END)) {
                LOGGER.log(Level.WARNING, "the service does not end in time");
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        notices.close();
        database.close();
    }
}
