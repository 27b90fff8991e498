package io.virtman.app;

import io.virtman.node.NodeApi;
import io.virtman.node.VmView;
import io.virtman.problem.Names;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is done to the disk of a VM that exists. */
@Command(
        name = "disk",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Offer VMs' disks as files, take the files away, make disks larger.")
final class DiskCommand {
    @Mixin private final VoltOptions volt = new VoltOptions();

    @Mixin private final OwnerOption owner = new OwnerOption();

    @Mixin private final OutputOptions output = new OutputOptions();

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description =
                    "Offer a VM's disk as a raw file on its node's host and print the file's path."
                            + " Repeating it also takes note that an export was interrupted.")
    int export(@Parameters(paramLabel = "VM", description = "name of the VM") String vm) {
        VmView view = node(vm).export(vm);
        VmView.ExportView file = view.export();
        return print(view, file == null ? view.disk() : file.path());
    }

    @Command(
            name = "unexport",
            mixinStandardHelpOptions = true,
            description = "Take the file of a VM's disk away. The disk stays.")
    int unexport(@Parameters(paramLabel = "VM", description = "name of the VM") String vm) {
        VmView view = node(vm).unexport(vm);
        return print(view, view.disk());
    }

    @Command(
            name = "extend",
            mixinStandardHelpOptions = true,
            description = "Make the disk of a VM larger while nobody uses it.")
    int extend(
            @Parameters(paramLabel = "VM", description = "name of the VM") String vm,
            @Option(
                            names = "--size",
                            required = true,
                            converter = ByteSize.class,
                            description = "new size")
                    long size) {
        VmView view = node(vm).extend(vm, size);
        return print(view, view.size() + " bytes");
    }

    private NodeApi node(String vm) {
        Names.require("VM", vm);
        return owner.find(vm, volt, new Terminal());
    }

    private int print(VmView view, String line) {
        Terminal terminal = new Terminal();
        if (output.json) {
            terminal.json(view);
        } else {
            terminal.line(line);
        }
        return 0;
    }
}
