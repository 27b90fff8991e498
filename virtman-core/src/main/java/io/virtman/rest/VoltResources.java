package io.virtman.rest;

import io.virtman.volt.VoltApi;
import java.util.List;

/** Everything Volt serves over HTTP; described in {@code volt-openapi.yaml}. */
public final class VoltResources {
    private VoltResources() {}

    /** The resources to give to {@link RestServer}. */
    public static List<Object> of(VoltApi volt) {
        return List.of(
                new ImagesResource(volt),
                new NodesResource(volt),
                new StatusResource(volt),
                new MetricsResource(volt));
    }
}
