package io.virtman.cinder.database;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
        record Line(
                String name,
                @Nullable String qosId,
                boolean encrypted,
                @Nullable String key,
                @Nullable String value) {}
        List<Line> lines =
                transaction.list(
                        row ->
                                new Line(
                                        row.text("name"),
                                        row.textOrNull("qos_specs_id"),
                                        row.number("encrypted") != 0,
                                        row.textOrNull("key"),
                                        row.textOrNull("value")),
                        "SELECT t.name, t.qos_specs_id, s.`key`, s.value,"
                                + " EXISTS (SELECT 1 FROM encryption e"
                                + " WHERE e.volume_type_id = t.id AND e.deleted = 0) AS encrypted"
                                + " FROM volume_types t LEFT JOIN volume_type_extra_specs s"
                                + " ON s.volume_type_id = t.id AND s.deleted = 0"
                                + " WHERE t.id = ? ORDER BY s.id",
                        id);
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> extraSpecs = new LinkedHashMap<>();
        for (Line line : lines) {
            if (line.key() != null) {
                extraSpecs.put(line.key(), Objects.requireNonNullElse(line.value(), ""));
            }
        }
        Line first = lines.getFirst();
        return Optional.of(
                new VolumeType(
                        id,
                        first.name(),
                        extraSpecs,
                        qos(transaction, first.qosId()),
                        first.encrypted()));
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
}
