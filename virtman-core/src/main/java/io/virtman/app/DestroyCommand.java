package io.virtman.app;

import io.virtman.node.NodeApi;
import io.virtman.node.VmView;
import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Destroys VMs. */
@Command(
        name = "destroy",
        mixinStandardHelpOptions = true,
        description = "Stop VMs' guests and delete their disks for good.")
final class DestroyCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "VM", description = "names of the VMs")
    private List<String> vms = List.of();

    @Option(
            names = "--node",
            description = "node they are on (default: looked for on all live nodes)")
    private @Nullable String node;

    @Mixin private final VoltOptions volt = new VoltOptions();

    @Override
    public Integer call() {
        vms.forEach(vm -> Names.require("VM", vm));
        Terminal terminal = new Terminal();
        int failed = 0;
        for (String vm : vms) {
            try {
                owner(vm, terminal).destroy(vm);
            } catch (ProblemException e) {
                terminal.note("virtman: " + e.getMessage());
                failed++;
            }
        }
        return failed == 0 ? 0 : 1;
    }

    private NodeApi owner(String vm, Terminal terminal) {
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
