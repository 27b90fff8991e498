package io.virtman.cinder.database;

import io.virtman.bridge.database.Transaction;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Our row in {@code services}. Other services' rows are only read: the versions in all of them pin
 * what Cinder's processes send ({@code objects/service.py:_get_minimum_version}), and one NULL
 * among them makes every API and scheduler refuse to work.
 */
public final class Services {
    /** Known to every release from Zed to 2026.1. */
    static final String DEFAULT_OBJECT_VERSION = "1.39";

    /** Longer than any {@code service_down_time}. */
    private static final Duration LONG_AGO = Duration.ofDays(1);

    private static final String OURS =
            " WHERE host = ? AND `binary` = 'cinder-volume' AND deleted = 0 ORDER BY id";

    private Services() {}

    /**
     * Makes the row, or writes its versions when it is there; what administrators set (disabled,
     * frozen) stays. {@code service.py:Service.__init__}, {@code
     * volume/manager.py:init_host_with_rpc} (replication status).
     *
     * <p>No constraint makes host and binary unique, so this relies on the lease.
     */
    public static ServiceRow register(Transaction transaction, ServiceIdentity identity) {
        String objectVersion =
                identity.objectVersion().orElseGet(() -> schedulerObjectVersion(transaction));
        Optional<ServiceRow> existing = find(transaction, identity.host());
        if (existing.isEmpty()) {
            insert(transaction, identity, objectVersion);
            return find(transaction, identity.host()).orElseThrow();
        }
        transaction.update(
                "UPDATE services SET rpc_current_version = ?, object_current_version = ?,"
                        + " availability_zone = ?, cluster_name = NULL, updated_at = ?,"
                        + " replication_status = CASE WHEN replication_status = 'failed-over'"
                        + " THEN replication_status ELSE 'disabled' END WHERE id = ?",
                identity.rpcVersion(),
                objectVersion,
                identity.availabilityZone(),
                transaction.now(),
                existing.get().id());
        return find(transaction, identity.host()).orElseThrow();
    }

    /** Our row, if it is registered. */
    public static Optional<ServiceRow> find(Transaction transaction, String host) {
        return transaction.first(
                row ->
                        new ServiceRow(
                                row.number("id"),
                                row.text("uuid"),
                                row.text("availability_zone"),
                                row.flag("disabled"),
                                row.flag("frozen")),
                "SELECT id, uuid, availability_zone, disabled, frozen FROM services" + OURS,
                host);
    }

    /**
     * Says that we live; other services believe it for {@code service_down_time} (60 s). {@code
     * service.py:report_state}.
     *
     * @return false when the row is gone ({@code cinder-manage service remove}): register again
     */
    public static boolean heartbeat(Transaction transaction, ServiceRow service) {
        return transaction.update(
                        "UPDATE services SET report_count = report_count + 1, updated_at = ?,"
                                + " availability_zone = ? WHERE id = ? AND deleted = 0",
                        transaction.now(),
                        service.availabilityZone(),
                        service.id())
                == 1;
    }

    /**
     * Says that we stop: down at once instead of in {@code service_down_time}. Cinder's own
     * services only fall silent. The next heartbeat brings it up.
     */
    public static boolean markDown(Transaction transaction, ServiceRow service) {
        return transaction.update(
                        "UPDATE services SET updated_at = ? WHERE id = ? AND deleted = 0",
                        transaction.now().minus(LONG_AGO),
                        service.id())
                == 1;
    }

    /**
     * Removes our rows from the list of services, and their pin on everybody's versions. Volumes go
     * on referring to the uuid. {@code db/sqlalchemy/api.py:service_destroy}.
     *
     * @return how many rows there were
     */
    public static int deregister(Transaction transaction, String host) {
        return transaction.update(
                "UPDATE services SET deleted = 1, deleted_at = ?, updated_at = updated_at"
                        + " WHERE host = ? AND `binary` = 'cinder-volume' AND deleted = 0",
                transaction.now(),
                host);
    }

    /** {@code freeze_host}, {@code thaw_host}. */
    public static boolean freeze(Transaction transaction, ServiceRow service, boolean frozen) {
        return transaction.update(
                        "UPDATE services SET frozen = ?, updated_at = updated_at"
                                + " WHERE id = ? AND deleted = 0",
                        frozen,
                        service.id())
                == 1;
    }

    /** The lowest of the schedulers: all of them know it, also during their upgrade. */
    private static String schedulerObjectVersion(Transaction transaction) {
        List<String> versions =
                transaction.list(
                        row -> row.text("object_current_version"),
                        "SELECT object_current_version FROM services"
                                + " WHERE `binary` = 'cinder-scheduler' AND deleted = 0"
                                + " AND object_current_version IS NOT NULL");
        return versions.stream()
                .filter(version -> version.matches("1\\.\\d{1,4}"))
                .min(Comparator.comparingInt(version -> Integer.parseInt(version.substring(2))))
                .orElse(DEFAULT_OBJECT_VERSION);
    }

    private static void insert(
            Transaction transaction, ServiceIdentity identity, String objectVersion) {
        transaction.update(
                "INSERT INTO services (created_at, updated_at, deleted, uuid, host, `binary`,"
                        + " topic, report_count, disabled, availability_zone,"
                        + " rpc_current_version, object_current_version, replication_status,"
                        + " frozen) VALUES (?, ?, 0, ?, ?, 'cinder-volume', 'cinder-volume', 0, 0,"
                        + " ?, ?, ?, 'disabled', 0)",
                transaction.now(),
                transaction.now(),
                UUID.randomUUID().toString(),
                identity.host(),
                identity.availabilityZone(),
                identity.rpcVersion(),
                objectVersion);
    }
}
