package io.virtman.cinder.database;

import io.virtman.bridge.database.Transaction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code quota_usages} and {@code reservations}. The API counts what is created; what is deleted,
 * and what comes of an extension, the backend does. Usages are locked before reservations, in the
 * order of their ids, as everywhere in Cinder ({@code db/sqlalchemy/api.py}, "The quota code uses
 * SQL locking").
 */
public final class Quota {
    private Quota() {}

    /**
     * Ends reservations with what they were made for: {@code
     * db/sqlalchemy/api.py:reservation_commit}. Those that have ended or expired are left out.
     */
    public static void commit(Transaction transaction, List<String> reservations) {
        end(
                transaction,
                reservations,
                "UPDATE quota_usages SET reserved = reserved - GREATEST(0, LEAST(?, reserved)),"
                        + " in_use = GREATEST(0, in_use + ?), updated_at = ? WHERE id = ?",
                true);
    }

    /** Ends reservations without it: {@code db/sqlalchemy/api.py:reservation_rollback}. */
    public static void rollback(Transaction transaction, List<String> reservations) {
        end(
                transaction,
                reservations,
                "UPDATE quota_usages SET reserved = reserved - GREATEST(0, LEAST(?, reserved)),"
                        + " updated_at = ? WHERE id = ?",
                false);
    }

    /**
     * Gives amounts back, also in the twins of the volume type ({@code volumes_TYPE} ...). It is
     * what reserving and committing negative amounts come to, in one step: a negative reservation
     * changes no usage before its commit, and the commit never goes below 0 ({@code
     * volume/manager.py:delete_volume}, {@code quota.py:add_volume_type_opts}).
     *
     * <p>Cinder would insert a usage that isn't there, as counted; here it stays away, and whoever
     * needs it next counts without what is deleted now. Nor is {@code until_refresh} counted down.
     */
    static void release(
            Transaction transaction,
            @Nullable String projectId,
            String volumeTypeId,
            Map<String, Integer> amounts) {
        Map<String, Integer> all = new LinkedHashMap<>(amounts);
        typeName(transaction, volumeTypeId)
                .forEach(name -> amounts.forEach((key, n) -> all.put(key + "_" + name, n)));
        List<@Nullable Object> arguments = new ArrayList<>();
        arguments.add(projectId);
        arguments.addAll(all.keySet());
        record Usage(int id, String resource) {}
        transaction
                .list(
                        row -> new Usage(row.number("id"), row.text("resource")),
                        "SELECT id, resource FROM quota_usages WHERE project_id = ?"
                                + " AND deleted = 0 AND resource IN ("
                                + Transaction.marks(all.size())
                                + ") ORDER BY id FOR UPDATE",
                        arguments.toArray())
                .forEach(usage ->
                        transaction.update(
                                "UPDATE quota_usages SET in_use = GREATEST(0, in_use - ?),"
                                        + " updated_at = ? WHERE id = ?",
                                all.getOrDefault(usage.resource(), 0),
                                transaction.now(),
                                usage.id()));
    }

    /** Also of a type that has been deleted since. */
    private static List<String> typeName(Transaction transaction, String volumeTypeId) {
        return transaction.list(
                row -> row.text("name"),
                "SELECT name FROM volume_types WHERE id = ?",
                volumeTypeId);
    }

    private static void end(
            Transaction transaction, List<String> reservations, String sql, boolean use) {
        if (reservations.isEmpty()) {
            return;
        }
        Object[] uuids = reservations.toArray();
        String these = " AND r.uuid IN (" + Transaction.marks(uuids.length) + ")";
        transaction.list(
                row -> row.number("id"),
                "SELECT u.id FROM quota_usages u WHERE u.id IN (SELECT r.usage_id"
                        + " FROM reservations r WHERE r.deleted = 0"
                        + these
                        + ") ORDER BY u.id FOR UPDATE",
                uuids);
        record Reservation(int id, int usageId, int delta) {}
        List<Reservation> found =
                transaction.list(
                        row ->
                                new Reservation(
                                        row.number("id"),
                                        row.number("usage_id"),
                                        row.number("delta")),
                        "SELECT r.id, r.usage_id, r.delta FROM reservations r"
                                + " WHERE r.deleted = 0"
                                + these
                                + " ORDER BY r.id FOR UPDATE",
                        uuids);
        for (Reservation reservation : found) {
            List<Object> arguments = new ArrayList<>();
            Collections.addAll(arguments, reservation.delta());
            if (use) {
                arguments.add(reservation.delta());
            }
            Collections.addAll(arguments, transaction.now(), reservation.usageId());
            transaction.update(sql, arguments.toArray());
            transaction.update(
                    "UPDATE reservations SET deleted = 1, deleted_at = ?, updated_at = ?"
                            + " WHERE id = ?",
                    transaction.now(),
                    transaction.now(),
                    reservation.id());
        }
    }
}
