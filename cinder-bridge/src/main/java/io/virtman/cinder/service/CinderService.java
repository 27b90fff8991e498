package io.virtman.cinder.service;

import io.virtman.bridge.config.BridgeConfiguration;
import io.virtman.bridge.config.DatabaseOptions;
import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.DatabaseException;
import io.virtman.bridge.database.DatabaseSettings;
import io.virtman.bridge.database.Lease;
import io.virtman.bridge.database.Leases;
import io.virtman.bridge.leader.Leader;
import io.virtman.bridge.leader.Term;
import io.virtman.cinder.database.CinderSchema;
import io.virtman.cinder.database.OwnTables;
import io.virtman.cinder.notify.Notifications;
import io.virtman.cinder.notify.UsageNotices;
import io.virtman.cinder.rpc.RequestTimes;
import io.virtman.messaging.transport.Transport;
import java.io.Closeable;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The bridge as a service. Of all that run with the same name one leads, by a lease in the
 * database; the others wait. A leader that loses the lease stops at once, and its late writes are
 * refused.
 */
public final class CinderService implements Closeable {
    private final BridgeConfiguration configuration;
    private final Outside outside;
    private final Database database;
    private final Transport transport;
    private final UsageNotices notices;
    private final Leader leader;
    private final RequestTimes times = new RequestTimes();
    private volatile @Nullable Leadership term; // the last

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
        Duration duration = configuration.work().leaseDuration();
        this.leader =
                Leader.start(
                        new Leases(database, OwnTables.LEASES, duration),
                        configuration.backend().serviceHost(),
                        duration,
                        this::lead);
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
        return new MetricsPage(times, this::running, leader::leads, notices::figures);
    }

    private long running() {
        Leadership now = term;
        return now == null || !leader.leads() ? 0 : now.running();
    }

    /** Waits until it leads; false when the time is up before. */
    public boolean awaitLeadership(Duration limit) throws InterruptedException {
        return leader.awaitLeadership(limit);
    }

    private Term lead(Lease lease) {
        Leadership leadership =
                new Leadership(configuration, outside, database, lease, transport, times, notices);
        term = leadership;
        return leadership;
    }

    /** Ends the service; requests under way get some time, and go on after the next start. */
    @Override
    public void close() {
        leader.close();
        notices.close();
        database.close();
    }
}
