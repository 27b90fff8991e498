package io.virtman.app;

import io.virtman.node.NodeApi;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.rest.NodeClient;
import io.virtman.rest.VoltClient;
import io.virtman.volt.NodeStatus;
import io.virtman.volt.VoltApi;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Option;

/** Where Volt is; mixed into every command that asks it. */
public final class VoltOptions {
    /** Of one call to a node: creating a VM may wait for Volt and for QEMU. */
    private static final Duration NODE_TIMEOUT = Duration.ofMinutes(3);

    private static final Duration VOLT_TIMEOUT = Duration.ofSeconds(15);

    @Option(
            names = "--volt",
            paramLabel = "URL",
            defaultValue = "${env:VIRTMAN_VOLT:-http://127.0.0.1:7400}",
            description = "Volt's address (default: $VIRTMAN_VOLT or http://127.0.0.1:7400)")
    private URI volt = URI.create("http://127.0.0.1:7400");

    VoltApi client() {
        return new VoltClient(volt, VOLT_TIMEOUT);
    }

    /** All nodes that live now, by name. */
    List<NodeStatus> liveNodes() {
        return client().nodes().stream().filter(NodeStatus::alive).toList();
    }

    /** A node by its name. */
    NodeApi node(String name) {
        NodeStatus found =
                client().nodes().stream()
                        .filter(one -> one.address().name().equals(name))
                        .findFirst()
                        .orElseThrow(() ->
                                new ProblemException(
                                        Kind.NOT_FOUND,
                                        "node",
                                        "Volt knows no node " + name,
                                        "see 'virtman status'"));
        return node(found);
    }

    static NodeApi node(NodeStatus status) {
        return new NodeClient(status.address().restUri(), NODE_TIMEOUT);
    }
}
