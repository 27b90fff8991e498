package io.virtman.openstack;

import java.util.Map;
import java.util.Optional;

/**
 * A volume type.
 *
 * @param id of the type
 * @param name of the type
 * @param isPublic whether all projects may use it
 * @param extraSpecs what it asks of a backend
 */
public record VolumeKind(String id, String name, boolean isPublic, Map<String, String> extraSpecs) {
    /** Keeps a copy of the specs. */
    public VolumeKind {
        extraSpecs = Map.copyOf(extraSpecs);
    }

    /** The backend it asks for, if it asks for one. */
    public Optional<String> backendName() {
        return Optional.ofNullable(extraSpecs.get("volume_backend_name"));
    }
}
