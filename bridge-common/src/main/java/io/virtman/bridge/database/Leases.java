package io.virtman.bridge.database;

import java.time.Duration;
import java.util.Optional;

/**
 * Who leads: at most one process per name, since two would do the same work.
 *
 * <p>Two tables, here those of the Cinder bridge. {@code bridge_lease} says who holds the lease and
 * until when, by the database's clock; its holder renews it. {@code bridge_fence} has the epoch,
 * and changes only when the holder does. Every transaction of a leader holds the fence in share
 * mode from its start to its end: a former leader that was paused finds another epoch and writes
 * nothing, and one that is in the middle of a transaction makes the new leader wait for its end.
 * Were the epoch in {@code bridge_lease}, each renewal would wait for all running transactions, and
 * new ones for it.
 *
 * <p>{@code LOCK IN SHARE MODE} is what MySQL 8 calls {@code FOR SHARE}, which MariaDB doesn't
 * know.
 */
public final class Leases {
    private final Database database;
    private final String tables;
    private final String leaseTable;
    private final Duration duration;

    /**
     * @param tables what the names of its two tables begin with, {@code virtman.bridge_} for {@code
     *     virtman.bridge_lease} and {@code virtman.bridge_fence}
     * @param duration after which a lease that isn't renewed is free, 1 s or more
     */
    public Leases(Database database, String tables, Duration duration) {
        if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("a lease lasts 1 s or more");
        }
        if (!tables.matches("[a-z_]+\\.[a-z_]*")) {
            throw new IllegalArgumentException("tables: SCHEMA.BEGINNING");
        }
        this.database = database;
        this.tables = tables;
        this.leaseTable = tables + "lease";
        this.duration = duration;
    }

    /**
     * Takes the lease if it is free; waits for transactions of its former holder that are running,
     * for a lock timeout at most.
     *
     * @param name of the backend, {@code host@backend}
     * @param holder the process; unique per start
     * @return empty when somebody holds it
     * @throws DatabaseException also of kind CONFLICT, when a former holder is in the middle of a
     *     transaction: try again
     */
    public Optional<Lease> acquire(String name, String holder) {
        database.ofLease(transaction -> {
            transaction.update(
                    "INSERT IGNORE INTO "
                            + leaseTable
                            + " (name, holder, expires_at)"
                            + " VALUES (?, '', '2000-01-01')",
                    name);
            return transaction.update(
                    "INSERT IGNORE INTO " + fenceTable(tables) + " (name, epoch) VALUES (?, 0)",
                    name);
        });
        return database.ofLease(transaction -> {
            int taken =
                    transaction.update(
                            "UPDATE "
                                    + leaseTable
                                    + " SET holder = ?, expires_at ="
                                    + " UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND"
                                    + " WHERE name = ? AND expires_at <= UTC_TIMESTAMP(6)",
                            holder,
                            duration.toNanos() / 1_000,
                            name);
            return taken == 0
                    ? Optional.empty()
                    : Optional.of(new Lease(tables, name, holder, nextEpoch(transaction, name)));
        });
    }

    /**
     * Keeps the lease for another duration; call it every third of one.
     *
     * @return false when it is lost
     */
    public boolean renew(Lease lease) {
        return database.ofLease(transaction ->
                transaction.update(
                                "UPDATE "
                                        + leaseTable
                                        + " l JOIN "
                                        + fenceTable(tables)
                                        + " f"
                                        + " ON f.name = l.name AND f.epoch = ?"
                                        + " SET l.expires_at = UTC_TIMESTAMP(6) + INTERVAL"
                                        + " ? MICROSECOND WHERE l.name = ?"
                                        + " AND l.holder = ?",
                                lease.epoch(),
                                duration.toNanos() / 1_000,
                                lease.name(),
                                lease.holder())
                        == 1);
    }

    /** Frees the lease at once; nothing more is written with it. */
    public void release(Lease lease) {
        database.ofLease(transaction -> {
            int freed =
                    transaction.update(
                            "UPDATE "
                                    + leaseTable
                                    + " SET holder = '', expires_at ="
                                    + " '2000-01-01' WHERE name = ? AND holder = ?",
                            lease.name(),
                            lease.holder());
            return freed == 0 ? 0L : nextEpoch(transaction, lease.name());
        });
    }

    private static String fenceTable(String tables) {
        return tables + "fence";
    }

    private long nextEpoch(Transaction transaction, String name) {
        transaction.update(
                "UPDATE " + fenceTable(tables) + " SET epoch = epoch + 1 WHERE name = ?", name);
        return transaction
                .first(
                        row -> row.count("epoch"),
                        "SELECT epoch FROM " + fenceTable(tables) + " WHERE name = ?",
                        name)
                .orElseThrow();
    }

    /** The first statement of every change. */
    static void fence(Transaction transaction, Lease lease) {
        boolean held =
                transaction
                        .first(
                                row -> row.count("epoch") == lease.epoch(),
                                "SELECT epoch FROM "
                                        + fenceTable(lease.tables())
                                        + " WHERE name = ?"
                                        + " LOCK IN SHARE MODE",
                                lease.name())
                        .orElse(false);
        if (!held) {
            throw new LeaseLostException(lease);
        }
    }
}
