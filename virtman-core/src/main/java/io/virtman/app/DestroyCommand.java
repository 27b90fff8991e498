package io.virtman.app;

import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Destroys VMs. */
@Command(
        name = "destroy",
        mixinStandardHelpOptions = true,
        description = "Stop VMs' guests and delete their disks for good.")
final class DestroyCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "VM", description = "names of the VMs")
    private List<String> vms = List.of();

    @Mixin private final OwnerOption owner = new OwnerOption();

    @Mixin private final VoltOptions volt = new VoltOptions();

    @Override
    public Integer call() {
        vms.forEach(vm -> Names.require("VM", vm));
        Terminal terminal = new Terminal();
        int failed = 0;
        for (String vm : vms) {
            try {
                owner.find(vm, volt, terminal).destroy(vm);
            } catch (ProblemException e) {
                terminal.note("virtman: " + e.getMessage());
                failed++;
            }
        }
        return failed == 0 ? 0 : 1;
    }
}
