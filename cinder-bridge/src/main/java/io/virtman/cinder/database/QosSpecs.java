package io.virtman.cinder.database;

import io.virtman.bridge.database.Transaction;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Limits on I/O that a volume type sets. Also of one that has been deleted, since volumes may still
 * have it.
 *
 * @param consumer who keeps them: {@code front-end} (nova), {@code back-end} (we), {@code both}
 * @param specs e.g. {@code total_iops_sec}
 */
public record QosSpecs(String consumer, Map<String, String> specs) {
    private static final String HEAD = "QoS_Specs_Name";

    /** Copies the map. */
    public QosSpecs {
        specs = Map.copyOf(specs);
    }

    /**
     * Those of a volume type. One row, which is left out, has their name ({@code QoS_Specs_Name});
     * others, which refer to it, have a spec each, among them {@code consumer}. {@code
     * db/sqlalchemy/api.py:_dict_with_qos_specs}.
     */
    public static Optional<QosSpecs> ofType(Transaction transaction, String volumeTypeId) {
        Map<String, String> specs = new LinkedHashMap<>();
        transaction
                .list(
                        row -> Map.entry(row.text("key"), row.textOrNull("value")),
                        "SELECT q.`key`, COALESCE(q.value, '') AS value FROM volume_types t"
                                + " JOIN quality_of_service_specs q"
                                + " ON q.specs_id = t.qos_specs_id AND q.deleted = 0"
                                + " WHERE t.id = ? ORDER BY q.id",
                        volumeTypeId)
                .forEach(entry -> specs.put(entry.getKey(), entry.getValue()));
        specs.remove(HEAD);
        String consumer = specs.remove("consumer");
        return consumer == null ? Optional.empty() : Optional.of(new QosSpecs(consumer, specs));
    }
}
