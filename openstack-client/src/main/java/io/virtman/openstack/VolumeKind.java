package io.virtman.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import io.virtman.openstack.http.JsonFields;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A volume type.
 *
 * @param id of the type
 * @param name of the type
 * @param isPublic whether all projects may use it
 * @param extraSpecs what it asks of a backend; empty for whom Cinder does not show it
 */
public record VolumeKind(String id, String name, boolean isPublic, Map<String, String> extraSpecs) {
    /** Keeps a copy of the specs. */
    public VolumeKind {
        extraSpecs = Map.copyOf(extraSpecs);
    }

    static VolumeKind of(JsonFields type) {
        Map<String, String> specs = new LinkedHashMap<>();
        if (type.hasObject("extra_specs")) {
            for (Map.Entry<String, JsonNode> each : type.object("extra_specs").all()) {
                specs.put(each.getKey(), each.getValue().asText());
            }
        }
        return new VolumeKind(type.text("id"), type.text("name"), type.flag("is_public"), specs);
    }

    /** The backend it asks for, if it asks for one. */
    public Optional<String> backendName() {
        return Optional.ofNullable(extraSpecs.get("volume_backend_name"));
    }
}
