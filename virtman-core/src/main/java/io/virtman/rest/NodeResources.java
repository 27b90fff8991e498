package io.virtman.rest;

import io.virtman.node.NodeApi;
import java.util.List;

/** Everything a node serves over HTTP; described in {@code node-openapi.yaml}. */
public final class NodeResources {
    private NodeResources() {}

    /** The resources to give to {@link RestServer}. */
    public static List<Object> of(NodeApi node) {
        return List.of(
                new VmsResource(node), new NodeResource(node), new NodeMetricsResource(node));
    }
}
