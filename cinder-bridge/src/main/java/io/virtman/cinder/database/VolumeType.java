package io.virtman.cinder.database;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A volume type, with what the bridge must know to refuse it. Also one that has been deleted, since
 * volumes may still have it.
 *
 * @param id the type's id
 * @param name unique among those that aren't deleted; part of the names of quotas
 * @param extraSpecs e.g. {@code volume_backend_name}, {@code multiattach}
 * @param qos what its quality-of-service specs say
 * @param encrypted whether its volumes are to be encrypted
 */
public record VolumeType(
        String id,
        String name,
        Map<String, String> extraSpecs,
        Optional<QosSpecs> qos,
        boolean encrypted) {
    private static final String HEAD = "QoS_Specs_Name";

    /**
     * Limits on I/O.
     *
     * @param id of the specs
     * @param consumer who keeps them: {@code front-end} (nova), {@code back-end} (we), {@code both}
     * @param specs e.g. {@code total_iops_sec}
     */
    public record QosSpecs(String id, String consumer, Map<String, String> specs) {
        /** Copies the map. */
        public QosSpecs {
            specs = Map.copyOf(specs);
        }
    }

    /** Copies the map. */
    public VolumeType {
        extraSpecs = Map.copyOf(extraSpecs);
    }

    /** {@code objects/volume_type.py:is_multiattach}. */
    public boolean isMultiattach() {
        return "<is> True".equals(extraSpecs.get("multiattach"));
    }

    /** The type with this id, deleted or not. {@code db/sqlalchemy/api.py:volume_type_get}. */
    public static Optional<VolumeType> find(Transaction transaction, String id) {
        record Head(String name, @Nullable String qosId) {}
        return transaction
                .first(
                        row -> new Head(row.text("name"), row.textOrNull("qos_specs_id")),
                        "SELECT name, qos_specs_id FROM volume_types WHERE id = ?",
                        id)
                .map(head ->
                        new VolumeType(
                                id,
                                head.name(),
                                Volumes.entries(
                                        transaction,
                                        "volume_type_extra_specs",
                                        "volume_type_id",
                                        id),
                                qos(transaction, head.qosId()),
                                isEncrypted(transaction, id)));
    }

    /**
     * One row has the name ({@code QoS_Specs_Name}), and others, which refer to it, a spec each,
     * among them {@code consumer}. {@code db/sqlalchemy/api.py:_dict_with_qos_specs}.
     */
    private static Optional<QosSpecs> qos(Transaction transaction, @Nullable String id) {
        if (id == null) {
            return Optional.empty();
        }
        Map<String, String> specs =
                new LinkedHashMap<>(
                        Volumes.entries(transaction, "quality_of_service_specs", "specs_id", id));
        specs.remove(HEAD);
        String consumer = specs.remove("consumer");
        return Optional.of(new QosSpecs(id, consumer == null ? "back-end" : consumer, specs));
    }

    private static boolean isEncrypted(Transaction transaction, String id) {
        return transaction
                .first(
                        row -> true,
                        "SELECT encryption_id FROM encryption"
                                + " WHERE volume_type_id = ? AND deleted = 0",
                        id)
                .isPresent();
    }
}
