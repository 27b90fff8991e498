package io.virtman.app;

import io.virtman.node.NodeApi;
import io.virtman.problem.Names;
import io.virtman.volt.ImageRecord;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes an image of a VM's disk. */
@Command(
        name = "snapshot",
        mixinStandardHelpOptions = true,
        description =
                "Make a new image of a VM's disk, which nobody may be using; its node becomes the origin."
                        + " Ends when it is sealed.")
final class SnapshotCommand implements Callable<Integer> {
    @Parameters(paramLabel = "VM", description = "name of the VM")
    private String vm = "";

    @Option(
            names = "--image",
            paramLabel = "NAME",
            required = true,
            description = "name of the new image")
    private String image = "";

    @Mixin private final VoltOptions volt = new VoltOptions();

    @Mixin private final OwnerOption owner = new OwnerOption();

    @Mixin private final OutputOptions output = new OutputOptions();

    @Override
    public Integer call() throws InterruptedException {
        Names.require("VM", vm);
        Names.require("--image", image);
        Terminal terminal = new Terminal();
        NodeApi node = owner.find(vm, volt, terminal);
        ImageRecord begun = node.snapshot(vm, image);
        ImageRecord made = Sealing.await(terminal, volt.client(), node, begun);
        if (output.json) {
            terminal.json(made);
        } else {
            terminal.line(made.name() + ", " + made.size() + " bytes, id " + made.id());
        }
        return 0;
    }
}
