package io.virtman.cinder.database;

import io.virtman.bridge.database.Transaction;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the volumes of a pool come to, for capability reports ({@code allocated_capacity_gb}, {@code
 * provisioned_capacity_gb}).
 *
 * @param volumes how many
 * @param gigabytes sum of their sizes, in GiB
 */
public record Capacity(long volumes, long gigabytes) {
    /**
     * By pool; empty pools are missing. Cinder counts once at its start, what is available or in
     * use, and then by addition ({@code volume/manager.py:_count_allocated_capacity}, {@code
     * _update_allocated_capacity}); this counts anew, everything that isn't deleted, and so never
     * drifts. Zed has no index for it: one reading of the table.
     *
     * @param backend {@code host@backend}
     */
    public static Map<String, Capacity> byPool(Transaction transaction, String backend) {
        Map<String, Capacity> pools = new TreeMap<>();
        transaction
                .list(
                        row ->
                                Map.entry(
                                        row.text("pool"),
                                        new Capacity(row.count("volumes"), row.count("gigabytes"))),
                        "SELECT SUBSTRING_INDEX(host, '#', -1) AS pool, COUNT(*) AS volumes,"
                                + " COALESCE(SUM(size), 0) AS gigabytes FROM volumes"
                                + " WHERE deleted = 0 AND host LIKE ? ESCAPE '!'"
                                + " GROUP BY SUBSTRING_INDEX(host, '#', -1)",
                        Volumes.pools(backend))
                .forEach(entry -> pools.put(entry.getKey(), entry.getValue()));
        return pools;
    }
}
