package io.virtman.app;

import io.virtman.node.NodeApi;
import io.virtman.node.VmView;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which node has a VM: the one that is named, or the one that is found. */
final class OwnerOption {
    @Option(
            names = "--node",
            description = "node they are on (default: looked for on all live nodes)")
    private @Nullable String node;

    /** The node with that VM. */
    NodeApi find(String vm, VoltOptions volt, Terminal terminal) {
        if (node != null) {
            return volt.node(node);
        }
        List<String> owners =
                volt.vms(line -> terminal.note("virtman: " + line)).stream()
                        .filter(one -> one.name().equals(vm))
                        .map(VmView::node)
                        .toList();
        return switch (owners.size()) {
            case 1 -> volt.node(owners.getFirst());
            case 0 ->
                    throw new ProblemException(
                            Kind.NOT_FOUND,
                            "VM",
                            "no live node has a VM " + vm,
                            "see 'virtman list'");
            default ->
                    throw new ProblemException(
                            Kind.CONFLICT,
                            "VM",
                            "several nodes have a VM " + vm + ": " + String.join(", ", owners),
                            "say which one with --node");
        };
    }
}
