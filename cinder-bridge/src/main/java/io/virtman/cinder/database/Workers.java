package io.virtman.cinder.database;

import io.virtman.bridge.database.Row;
import io.virtman.bridge.database.Transaction;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * {@code workers}: what is in the works, so that a service that comes back can finish or give up
 * what it had begun. API and scheduler insert the rows, the service claims and removes them. They
 * are removed for good, not marked.
 */
public final class Workers {
    private static final String COLUMNS =
            "SELECT w.id, w.resource_type, w.resource_id, w.status, w.service_id,"
                    + " w.race_preventer, w.updated_at FROM workers w";

    private Workers() {}

    /**
     * Notes that we have begun; inserts the row if no one has. {@code
     * objects/cleanable.py:set_worker}. Unlike there, a row that another service holds is always
     * taken over: the request has come to us, and no other service of this name can be alive.
     *
     * @param status the resource's, as the request found it
     */
    public static Worker claim(
            Transaction transaction,
            ServiceRow service,
            String resourceType,
            String resourceId,
            String status) {
        Optional<Worker> found = lock(transaction, resourceType, resourceId);
        if (found.isEmpty()) {
            transaction.update(
                    "INSERT INTO workers (created_at, updated_at, deleted, resource_type,"
                            + " resource_id, status, service_id, race_preventer)"
                            + " VALUES (?, ?, 0, ?, ?, ?, ?, 0)",
                    transaction.now(),
                    transaction.nowInMicroseconds(),
                    resourceType,
                    resourceId,
                    status,
                    service.id());
            return lock(transaction, resourceType, resourceId).orElseThrow();
        }
        Worker worker = found.get();
        if (status.equals(worker.status())
                && Integer.valueOf(service.id()).equals(worker.serviceId())) {
            return worker;
        }
        Worker claimed =
                new Worker(
                        worker.id(),
                        resourceType,
                        resourceId,
                        status,
                        service.id(),
                        worker.racePreventer() + 1,
                        transaction.nowInMicroseconds());
        transaction.update(
                "UPDATE workers SET service_id = ?, status = ?, updated_at = ?,"
                        + " race_preventer = ? WHERE id = ?",
                claimed.serviceId(),
                status,
                claimed.updatedAt(),
                claimed.racePreventer(),
                worker.id());
        return claimed;
    }

    /**
     * Removes the row, unless something else has begun with the resource. Cinder calls it when the
     * resource's status has changed, also to an error. {@code objects/cleanable.py:unset_worker}.
     */
    public static boolean finish(Transaction transaction, Worker worker) {
        return transaction.update(
                        "DELETE FROM workers WHERE id = ? AND status = ? AND service_id <=> ?",
                        worker.id(),
                        worker.status(),
                        worker.serviceId())
                == 1;
    }

    /**
     * Removes the row of a resource, whoever holds it, where {@link #claim} and {@link #finish}
     * would follow each other in one transaction.
     */
    public static void end(Transaction transaction, String resourceType, String resourceId) {
        transaction.update(
                "DELETE FROM workers WHERE resource_type = ? AND resource_id = ?",
                resourceType,
                resourceId);
    }

    /**
     * What services of this name had begun and not ended, oldest first; also those since removed
     * from the list of services, whose work nobody else would find. {@code
     * manager.py:CleanableManager.do_cleanup}. What to do with one whose resource still has its
     * status ({@code volume/manager.py:_do_cleanup}): creating and downloading become error ({@link
     * VolumeCreation#failed}, {@link Snapshots#creationFailed}), deleting is done again with its
     * snapshots, uploading ends ({@link Refusals#upload}).
     *
     * @param host {@code host@backend}
     */
    public static List<Worker> unfinished(Transaction transaction, String host) {
        return transaction.list(
                Workers::read,
                COLUMNS
                        + " JOIN services s ON s.id = w.service_id WHERE s.host = ?"
                        + " AND s.`binary` = 'cinder-volume' AND w.deleted = 0"
                        + " ORDER BY w.updated_at, w.id",
                host);
    }

    /**
     * Takes an unfinished work over for clean-up; empty when the row has changed since it was
     * listed. {@code db/sqlalchemy/api.py:worker_claim_for_cleanup}.
     */
    public static Optional<Worker> claimForCleanup(
            Transaction transaction, ServiceRow service, Worker worker) {
        int rows =
                transaction.update(
                        "UPDATE workers SET service_id = ?, race_preventer = ?, updated_at = ?"
                                + " WHERE id = ? AND status = ? AND service_id <=> ?"
                                + " AND race_preventer = ? AND updated_at <= ?",
                        service.id(),
                        worker.racePreventer() + 1,
                        transaction.nowInMicroseconds(),
                        worker.id(),
                        worker.status(),
                        worker.serviceId(),
                        worker.racePreventer(),
                        worker.updatedAt());
        return rows == 0
                ? Optional.empty()
                : lock(transaction, worker.resourceType(), worker.resourceId());
    }

    private static Optional<Worker> lock(
            Transaction transaction, String resourceType, String resourceId) {
        return transaction.first(
                Workers::read,
                COLUMNS + " WHERE w.resource_type = ? AND w.resource_id = ? FOR UPDATE",
                resourceType,
                resourceId);
    }

    private static Worker read(Row row) throws SQLException {
        return new Worker(
                row.number("id"),
                row.text("resource_type"),
                row.text("resource_id"),
                row.text("status"),
                row.numberOrNull("service_id"),
                row.number("race_preventer"),
                row.time("updated_at"));
    }
}
