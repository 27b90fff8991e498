package io.virtman.app;

import static io.virtman.app.Terminal.bytes;

import io.virtman.node.VmView;
import io.virtman.volt.NodeStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists VMs. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List the VMs of all live nodes.")
final class ListCommand implements Callable<Integer> {
    @Option(names = "--node", description = "only this node's")
    private @Nullable String node;

    @Mixin private final VoltOptions volt = new VoltOptions();

    @Mixin private final OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        List<VmView> vms = new ArrayList<>();
        if (node != null) {
            vms.addAll(volt.node(node).vms());
        } else {
            for (NodeStatus status : volt.liveNodes()) {
                vms.addAll(VoltOptions.node(status).vms());
            }
        }
        Terminal terminal = new Terminal();
        if (output.json) {
            terminal.json(vms);
            return 0;
        }
        terminal.table(
                List.of("VM", "NODE", "IMAGE", "SIZE", "GUEST", "BOOTED", "READ"),
                vms.stream().map(ListCommand::row).toList());
        return 0;
    }

    private static List<@Nullable String> row(VmView vm) {
        VmView.GuestView guest = vm.guest();
        Long boot = guest == null ? null : guest.bootMillis();
        return Arrays.asList(
                vm.name(),
                vm.node(),
                vm.imageName(),
                bytes(vm.size()),
                guest == null ? null : guest.running() ? "running" : "ended",
                boot == null ? null : String.format(Locale.ROOT, "%.1f s", boot / 1000.0),
                bytes(vm.guestReadBytes()));
    }
}
