package io.virtman.app.quickstart;

import io.virtman.app.Arguments;
import io.virtman.app.Terminal;
import io.virtman.command.ProcessCommandRunner;
import io.virtman.rest.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The whole product on one machine: real guests on several nodes boot from one image that no node
 * copies.
 */
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        description = {
            "Boot real QEMU guests on several nodes from one image that no node copies, all on this machine.",
            "Installs what is missing when run as root on Debian (QEMU), builds a small Linux disk from Debian's"
                    + " packages, starts Volt, an origin and the nodes as processes on loopback, boots the VMs through"
                    + " the hierarchy, then again directly from the origin to compare, and removes everything."
        })
public final class QuickstartCommand implements Callable<Integer> {
    private static final int MOST_NODES = 64;
    private static final int MOST_VMS = 1000;

    @Option(
            names = "--nodes",
            defaultValue = "4",
            description = "1 to 64 (default: ${DEFAULT-VALUE})")
    private int nodes;

    @Option(
            names = "--vms",
            defaultValue = "12",
            description = "1 to 1000 (default: ${DEFAULT-VALUE})")
    private int vms;

    @Option(names = "--json", paramLabel = "FILE", description = "write all figures to a file")
    private @Nullable Path json;

    @Option(
            names = "--keep",
            description =
                    "keep the guests' disk, the image and the nodes' caches in ~/.cache/virtman/quickstart"
                            + " ($XDG_CACHE_HOME) for the next run with --keep, which then fetches"
                            + " nothing from the origin")
    private boolean keep;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "900",
            description = "for the boot of all VMs (default: ${DEFAULT-VALUE})")
    private int timeout;

    @Override
    @SuppressWarnings("try") // closed by whichever comes first, the end or Ctrl-C
    public Integer call() throws IOException, InterruptedException {
        Arguments.requireRange("--nodes", nodes, 1, MOST_NODES);
        Arguments.requireRange("--vms", vms, 1, MOST_VMS);
        Arguments.requireRange("--timeout", timeout, 1, 86_400);
        Arguments.requireWritable("--json", json);
        Terminal terminal = new Terminal();
        ProcessCommandRunner runner = new ProcessCommandRunner();
        Prerequisites prerequisites = Prerequisites.ofThisMachine(runner, terminal::note);
        prerequisites.ensure();
        try (Workspace workspace = Workspace.open(keep);
                Cluster cluster = new Cluster(runner, workspace, terminal)) {
            Thread cleanup =
                    Thread.ofPlatform()
                            .name("cleanup")
                            .unstarted(() -> {
                                cluster.close();
                                workspace.close();
                            });
            Runtime.getRuntime().addShutdownHook(cleanup);
            GuestFiles files =
                    GuestFiles.provide(
                            runner,
                            prerequisites.require("mke2fs").toString(),
                            workspace.guestFiles(),
                            terminal::note);
            cluster.start(nodes);
            QuickstartResult result =
                    new QuickstartRun(cluster, files, vms, timeout, terminal).run();
            if (json != null) {
                Files.writeString(json, Json.text(result) + "\n");
            }
            return result.succeeded() ? 0 : 1;
        }
    }
}
