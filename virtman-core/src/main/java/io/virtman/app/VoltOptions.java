package io.virtman.app;

import io.virtman.node.NodeApi;
import io.virtman.node.VmView;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.rest.NodeClient;
import io.virtman.rest.VoltClient;
import io.virtman.volt.NodeStatus;
import io.virtman.volt.VoltApi;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where Volt is; mixed into every command that asks it. */
public final class VoltOptions {
    /** Of one call to a node: creating a VM may wait for Volt and for QEMU. */
    private static final Duration NODE_TIMEOUT = Duration.ofMinutes(3);

    /** Of a look at what a node has. */
    private static final Duration LOOK_TIMEOUT = Duration.ofSeconds(5);

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

    /**
     * The VMs of all live nodes, asked at the same time; a node that does not answer is told of and
     * left out.
     *
     * @param silent takes a line about each node that does not answer
     */
    List<VmView> vms(Consumer<String> silent) {
        List<NodeStatus> nodes = liveNodes();
        try (var pool =
                Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("list-", 0).factory())) {
            List<Future<List<VmView>>> answers =
                    nodes.stream()
                            .map(node ->
                                    pool.submit(() ->
                                            new NodeClient(node.address().restUri(), LOOK_TIMEOUT)
                                                    .vms()))
                            .toList();
            List<VmView> vms = new ArrayList<>();
            for (int i = 0; i < nodes.size(); i++) {
                try {
                    vms.addAll(answers.get(i).get());
                } catch (ExecutionException e) {
                    silent.accept(
                            "node "
                                    + nodes.get(i).address().name()
                                    + " is left out: "
                                    + Objects.requireNonNull(e.getCause()).getMessage());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new ProblemException(
                            Kind.UNAVAILABLE, "nodes", "interrupted while asking", "try again", e);
                }
            }
            return vms;
        }
    }

    /**
     * Refuses names that VMs of live nodes have.
     *
     * @param onNode the node that may have it, null for none: repeating a creation is no conflict
     */
    void requireFree(
            Collection<String> names,
            String option,
            @Nullable String onNode,
            Consumer<String> silent) {
        for (VmView vm : vms(silent)) {
            if (names.contains(vm.name()) && !vm.node().equals(onNode)) {
                throw new ProblemException(
                        Kind.CONFLICT,
                        option,
                        "node " + vm.node() + " has a VM " + vm.name(),
                        "destroy it or choose another name");
            }
        }
    }

    static NodeApi node(NodeStatus status) {
        return new NodeClient(status.address().restUri(), NODE_TIMEOUT);
    }
}
