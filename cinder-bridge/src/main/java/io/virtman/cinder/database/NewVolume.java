package io.virtman.cinder.database;

import io.virtman.bridge.database.Transaction;
import java.util.Optional;

/**
 * A volume that is to be made, with what the bridge must know to refuse it: by one statement, since
 * every creation begins with it.
 *
 * @param volume its row
 * @param encrypted whether it is to be encrypted
 * @param multiattach whether several servers may have it at a time
 * @param limited whether limits on I/O are asked for that nova does not keep alone
 */
public record NewVolume(Volume volume, boolean encrypted, boolean multiattach, boolean limited) {
    /**
     * The volume, unless it is deleted. {@code objects/volume_type.py:is_multiattach}; limits whose
     * consumer isn't said are the back end's.
     */
    public static Optional<NewVolume> find(Transaction transaction, String id) {
        return transaction.first(
                row -> {
                    Volume volume = Volumes.read(row);
                    return new NewVolume(
                            volume,
                            volume.encryptionKeyId() != null || row.number("type_encrypted") != 0,
                            volume.multiattach() || row.number("type_multiattach") != 0,
                            row.number("type_limited") != 0);
                },
                "SELECT "
                        + Volumes.COLUMNS
                        + ", EXISTS (SELECT 1 FROM encryption e"
                        + " WHERE e.volume_type_id = v.volume_type_id AND e.deleted = 0)"
                        + " AS type_encrypted,"
                        + " EXISTS (SELECT 1 FROM volume_type_extra_specs s"
                        + " WHERE s.volume_type_id = v.volume_type_id AND s.deleted = 0"
                        + " AND s.`key` = 'multiattach' AND BINARY s.value = '<is> True')"
                        + " AS type_multiattach,"
                        + " EXISTS (SELECT 1 FROM volume_types t"
                        + " WHERE t.id = v.volume_type_id AND t.qos_specs_id IS NOT NULL"
                        + " AND NOT EXISTS (SELECT 1 FROM quality_of_service_specs q"
                        + " WHERE q.specs_id = t.qos_specs_id AND q.deleted = 0"
                        + " AND q.`key` = 'consumer' AND q.value = 'front-end'))"
                        + " AS type_limited"
                        + " FROM volumes v WHERE v.id = ? AND v.deleted = 0",
                id);
    }
}
