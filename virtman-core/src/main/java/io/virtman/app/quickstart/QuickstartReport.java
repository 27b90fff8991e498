package io.virtman.app.quickstart;

import static io.virtman.app.Terminal.bytes;

import io.virtman.app.Terminal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The figures of a quickstart as people read them. */
final class QuickstartReport {
    private final Terminal terminal;

    QuickstartReport(Terminal terminal) {
        this.terminal = terminal;
    }

    void print(QuickstartResult result) {
        terminal.line("");
        vms("VMs through the hierarchy", result.vms());
        vms("VMs directly from the origin", result.directVms());
        result.tree().forEach(terminal::line);
        terminal.line("");
        terminal.table(
                List.of("NODE", "LEVEL", "BYTES IN", "/ W", "PARENTS"),
                result.nodes().stream().map(node -> node(node, result)).toList());
        terminal.line("");
        line("image", bytes(result.imageBytes()) + ", digest " + result.digest());
        line("guests run on", result.accelerator());
        line("W_guest (read by a VM)", bytes(result.guestReadBytes()));
        line(
                "W (the same in chunks)",
                bytes(result.workingSetBytes())
                        + ratio(result.workingSetBytes(), result.guestReadBytes(), "W_guest"));
        line(
                "out of the origin",
                bytes(result.originBytesOut())
                        + ratio(result.originBytesOut(), result.workingSetBytes(), "W"));
        line(
                "  directly",
                bytes(result.directOriginBytesOut())
                        + ratio(result.directOriginBytesOut(), result.workingSetBytes(), "W"));
        line(
                "boot, median / maximum",
                seconds(result.bootSecondsMedian()) + " / " + seconds(result.bootSecondsMaximum()));
        line(
                "  directly",
                seconds(result.directBootSecondsMedian())
                        + " / "
                        + seconds(result.directBootSecondsMaximum()));
        line(
                "counted at the sockets",
                result.bytesSent()
                        + " bytes sent, "
                        + result.bytesReceived()
                        + " received"
                        + (result.bytesSent() == result.bytesReceived()
                                ? ": equal"
                                : ": NOT EQUAL"));
        line("caches before", result.warm() ? "filled by an earlier run" : "empty");
        long ready = result.vms().stream().filter(QuickstartResult.Vm::ok).count();
        line("VMs ready", ready + " of " + result.vms().size());
    }

    private void vms(String title, List<QuickstartResult.Vm> vms) {
        terminal.line(title);
        terminal.table(
                List.of("VM", "NODE", "BOOTED", "STATE"),
                vms.stream()
                        .map(vm ->
                                Arrays.<@Nullable String>asList(
                                        vm.name(),
                                        vm.node(),
                                        vm.bootSeconds() == null ? null : seconds(vm.bootSeconds()),
                                        vm.ok() ? "ready, checksums right" : vm.failure()))
                        .toList());
        terminal.line("");
    }

    private static List<@Nullable String> node(
            QuickstartResult.Node node, QuickstartResult result) {
        return Arrays.asList(
                node.name(),
                Integer.toString(node.level()),
                bytes(node.bytesIn()),
                fraction(node.bytesIn(), result.workingSetBytes()),
                String.join(", ", node.parents()));
    }

    private void line(String what, String value) {
        terminal.line(String.format(Locale.ROOT, "%-24s %s", what, value));
    }

    private static String ratio(long part, long whole, String unit) {
        return " = " + fraction(part, whole) + " " + unit;
    }

    private static String fraction(long part, long whole) {
        return whole == 0 ? "-" : String.format(Locale.ROOT, "%.3f", (double) part / whole);
    }

    private static String seconds(double value) {
        return String.format(Locale.ROOT, "%.1f s", value);
    }
}
