package io.virtman.app;

import io.virtman.node.VmView;
import io.virtman.problem.Names;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a VM's disk. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        description =
                "Make a VM's private disk on an image. Ready at once whatever its size; may be repeated.")
final class CreateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "VM", description = "name of the VM, unique on its node")
    private String vm = "";

    @Option(names = "--image", required = true, description = "name or id of the image")
    private String image = "";

    @Option(names = "--node", required = true, description = "node the VM is to run on")
    private String node = "";

    @Option(
            names = "--size",
            converter = ByteSize.class,
            description = "of the disk, at least the image's (default: the image's)")
    private @Nullable Long size;

    @Mixin private final VoltOptions volt = new VoltOptions();

    @Mixin private final OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        Names.require("VM", vm);
        Terminal terminal = new Terminal();
        volt.requireFree(List.of(vm), "VM", node, line -> terminal.note("virtman: " + line));
        VmView made = volt.node(node).create(vm, image, size);
        if (output.json) {
            terminal.json(made);
        } else {
            terminal.line(made.disk());
        }
        return 0;
    }
}
