package io.virtman.app;

import io.virtman.node.GuestRequest;
import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.NodeStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Boots many VMs of one image. */
@Command(
        name = "boot",
        mixinStandardHelpOptions = true,
        description =
                "Make and boot VMs of one image, spread over nodes, and wait until each has printed a marker on"
                        + " its serial console. The VMs stay; 'virtman destroy' ends them.")
final class BootCommand implements Callable<Integer> {
    @Parameters(paramLabel = "IMAGE", description = "name or id")
    private String image = "";

    @Option(
            names = "--count",
            defaultValue = "1",
            description = "how many VMs, 1 to 10000 (default: ${DEFAULT-VALUE})")
    private int count;

    @Option(
            names = "--nodes",
            split = ",",
            description = "nodes to use (default: all live ones but the origin)")
    private List<String> nodes = List.of();

    @Option(
            names = "--prefix",
            description = "VMs are called PREFIX-1, PREFIX-2 ... (default: the image's name)")
    private @Nullable String prefix;

    @Option(
            names = "--memory",
            defaultValue = "256",
            description = "MiB per VM (default: ${DEFAULT-VALUE})")
    private int memory;

    @Option(
            names = "--kernel",
            description = "kernel to boot directly (default: what is on the disk)")
    private @Nullable Path kernel;

    @Option(names = "--initrd", description = "initial RAM disk for --kernel")
    private @Nullable Path initrd;

    @Option(
            names = "--append",
            description = "kernel command line for --kernel; %%n stands for the VM's name")
    private @Nullable String append;

    @Option(
            names = "--marker",
            defaultValue = "VIRTMAN-GUEST-READY",
            description =
                    "how the line begins that says a guest is ready (default: ${DEFAULT-VALUE})")
    private String marker = "";

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "for all VMs together (default: ${DEFAULT-VALUE})")
    private int timeout;

    @Mixin private final VoltOptions volt = new VoltOptions();

    @Mixin private final OutputOptions output = new OutputOptions();

    @Override
    public Integer call() throws InterruptedException {
        if (count < 1 || count > BootStorm.MOST_VMS) {
            throw new ProblemException(
                    Kind.INVALID, "--count", count + " is out of range", "give from 1 to 10000");
        }
        ImageRecord found = volt.client().image(image);
        List<NodeStatus> targets = targets(found);
        String start = Names.require("--prefix", prefix == null ? found.name() : prefix);
        List<BootStorm.Vm> vms = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            NodeStatus target = targets.get(i % targets.size());
            String name = Names.require("--prefix", start + "-" + (i + 1));
            vms.add(new BootStorm.Vm(name, target.address().name(), VoltOptions.node(target)));
        }
        Terminal terminal = new Terminal();
        BootStorm storm =
                new BootStorm(found.id(), request(), Duration.ofSeconds(timeout), terminal);
        volt.requireFree(
                vms.stream().map(BootStorm.Vm::name).toList(),
                "--prefix",
                null,
                line -> terminal.note("virtman: " + line));
        List<BootStorm.Boot> boots = storm.run(vms);
        print(terminal, boots);
        long failed = boots.stream().filter(boot -> !boot.ok()).count();
        if (failed > 0) {
            throw new ProblemException(
                    Kind.FAILED,
                    "boot",
                    failed + " of " + boots.size() + " VMs are not ready",
                    "look at their consoles; 'virtman destroy' ends them and those that are");
        }
        return 0;
    }

    private GuestRequest request() {
        return new GuestRequest(memory, text(kernel), text(initrd), append, marker);
    }

    private static @Nullable String text(@Nullable Path path) {
        return path == null ? null : path.toAbsolutePath().toString();
    }

    private List<NodeStatus> targets(ImageRecord found) {
        List<NodeStatus> live = volt.liveNodes();
        List<NodeStatus> chosen = new ArrayList<>();
        for (String name : nodes) {
            chosen.add(
                    live.stream()
                            .filter(one -> one.address().name().equals(name))
                            .findFirst()
                            .orElseThrow(() ->
                                    new ProblemException(
                                            Kind.NOT_FOUND,
                                            "--nodes",
                                            "no live node is called " + name,
                                            "see 'virtman status'")));
        }
        if (chosen.isEmpty()) {
            chosen.addAll(
                    live.stream()
                            .filter(one -> !one.address().name().equals(found.origin()))
                            .toList());
        }
        if (chosen.isEmpty()) {
            throw new ProblemException(
                    Kind.UNAVAILABLE,
                    "--nodes",
                    "no node but the origin is alive",
                    "start 'virtman node' on other hosts, or name the origin with --nodes");
        }
        return chosen;
    }

    private void print(Terminal terminal, List<BootStorm.Boot> boots) {
        if (output.json) {
            terminal.json(boots);
            return;
        }
        terminal.table(
                List.of("VM", "NODE", "BOOTED", "STATE"),
                boots.stream()
                        .map(boot ->
                                Arrays.<@Nullable String>asList(
                                        boot.name(),
                                        boot.node(),
                                        boot.bootSeconds() == null
                                                ? null
                                                : String.format(
                                                        Locale.ROOT, "%.1f s", boot.bootSeconds()),
                                        boot.ok() ? "ready" : boot.failure()))
                        .toList());
    }
}
