package io.virtman.app;

import io.virtman.node.NodeApi;
import io.virtman.node.VmView;
import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a VM's disk. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        description =
                "Make a VM's private disk, on an image or empty. Ready at once whatever its size; may be"
                        + " repeated. Prints the disk's path, or with --export the file's.")
final class CreateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "VM", description = "name of the VM, unique on its node")
    private String vm = "";

    @ArgGroup(multiplicity = "1")
    private Content content = new Content();

    /** What the disk begins with. */
    static final class Content {
        @Option(names = "--image", required = true, description = "name or id of the image")
        private @Nullable String image;

        @Option(
                names = "--empty",
                required = true,
                paramLabel = "SIZE",
                converter = ByteSize.class,
                description = "an empty disk of this size")
        private @Nullable Long empty;
    }

    @Option(names = "--node", required = true, description = "node the VM is to run on")
    private String node = "";

    @Option(
            names = "--size",
            converter = ByteSize.class,
            description = "of the disk, at least the image's (default: the image's)")
    private @Nullable Long size;

    @Option(
            names = "--export",
            description = "offer the disk as a raw file, for a guest that others start")
    private boolean export;

    @Mixin private final VoltOptions volt = new VoltOptions();

    @Mixin private final OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        Names.require("VM", vm);
        Terminal terminal = new Terminal();
        volt.requireFree(List.of(vm), "VM", node, line -> terminal.note("virtman: " + line));
        NodeApi api = volt.node(node);
        VmView made = api.create(vm, content.image, bytes());
        if (export) {
            made = api.export(vm);
        }
        if (output.json) {
            terminal.json(made);
        } else {
            VmView.ExportView file = made.export();
            terminal.line(file == null ? made.disk() : file.path());
        }
        return 0;
    }

    private @Nullable Long bytes() {
        Long empty = content.empty;
        if (empty != null && size != null) {
            throw new ProblemException(
                    Kind.INVALID,
                    "--size",
                    "--empty has the size already",
                    "leave one of them out");
        }
        return empty == null ? size : empty;
    }
}
