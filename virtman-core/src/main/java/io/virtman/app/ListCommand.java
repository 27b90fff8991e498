package io.virtman.app;

import static io.virtman.app.Terminal.bytes;

import io.virtman.node.VmView;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
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
        Terminal terminal = new Terminal();
        AtomicBoolean complete = new AtomicBoolean(true);
        List<VmView> vms =
                node != null
                        ? volt.node(node).vms()
                        : volt.vms(line -> {
                            complete.set(false);
                            terminal.note("virtman: " + line);
                        });
        if (output.json) {
            terminal.json(vms);
            return complete.get() ? 0 : 1;
        }
        terminal.table(
                List.of("VM", "NODE", "IMAGE", "SIZE", "GUEST", "BOOTED", "READ", "EXPORT"),
                vms.stream().map(ListCommand::row).toList());
        return complete.get() ? 0 : 1;
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
                bytes(vm.guestReadBytes()),
                export(vm.export()));
    }

    private static @Nullable String export(VmView.@Nullable ExportView export) {
        if (export == null) {
            return null;
        }
        String state = export.state().name().toLowerCase(Locale.ROOT);
        return export.reason() == null ? state : state + ": " + export.reason();
    }
}
