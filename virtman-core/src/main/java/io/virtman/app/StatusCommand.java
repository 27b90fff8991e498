package io.virtman.app;

import static io.virtman.app.Terminal.bytes;

import io.virtman.volt.NodeStatus;
import io.virtman.volt.VoltApi;
import io.virtman.volt.VoltStatus;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows Volt and the nodes. */
@Command(name = "status", mixinStandardHelpOptions = true, description = "Show Volt and all nodes.")
final class StatusCommand implements Callable<Integer> {
    /** What {@code --json} prints. */
    record Status(VoltStatus volt, List<NodeStatus> nodes) {}

    @Mixin private final VoltOptions volt = new VoltOptions();

    @Mixin private final OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        VoltApi api = volt.client();
        Status status = new Status(api.status(), api.nodes());
        Terminal terminal = new Terminal();
        if (output.json) {
            terminal.json(status);
            return 0;
        }
        terminal.line(
                "Volt: term %d, fan-out %d, %d images, %d of %d nodes alive, %d members"
                        .formatted(
                                status.volt().term(),
                                status.volt().fanOut(),
                                status.volt().images(),
                                status.volt().nodesAlive(),
                                status.volt().nodes(),
                                status.volt().members()));
        terminal.table(
                List.of("NODE", "STATE", "IMAGES", "FROM PARENTS", "TO CHILDREN", "REST", "PEER"),
                status.nodes().stream().map(StatusCommand::row).toList());
        for (NodeStatus node : status.nodes()) {
            for (String complaint : node.complaintsAbout()) {
                terminal.line("complaint about " + node.address().name() + ": " + complaint);
            }
        }
        return 0;
    }

    private static List<@Nullable String> row(NodeStatus node) {
        return Arrays.asList(
                node.address().name(),
                node.alive() ? "alive" : "silent",
                Integer.toString(node.images().size()),
                bytes(node.peerBytesIn()),
                bytes(node.peerBytesOut()),
                node.address().rest(),
                node.address().peer());
    }
}
