package io.virtman.app.quickstart;

import io.virtman.app.Terminal;
import io.virtman.app.Waiting;
import io.virtman.command.CommandRunner;
import io.virtman.node.NodeApi;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.rest.NodeClient;
import io.virtman.rest.VoltClient;
import io.virtman.volt.NodeStatus;
import io.virtman.volt.VoltApi;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Volt, an origin and nodes as processes of their own on loopback. Closing ends them and every
 * guest of theirs.
 */
final class Cluster implements AutoCloseable {
    /** Name of the node that has the image. */
    static final String ORIGIN = "origin";

    private static final String VOLT = "volt";
    private static final Duration CALL = Duration.ofMinutes(3);
    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration END = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final String HEARTBEAT_MILLIS =
            "2000"; // emulated guests leave little processor time

    private final CommandRunner runner;
    private final Workspace workspace;
    private final Terminal terminal;
    private final Map<String, NodeApi> nodes = new LinkedHashMap<>();
    private @Nullable VoltApi volt;
    private boolean closed;

    Cluster(CommandRunner runner, Workspace workspace, Terminal terminal) {
        this.runner = runner;
        this.workspace = workspace;
        this.terminal = terminal;
    }

    void start(int count) throws IOException, InterruptedException {
        terminal.note("starting Volt, the origin and " + count + " nodes");
        ServiceProcess first = launch(VOLT, List.of("--listen", "127.0.0.1:0"));
        URI voltUri = first.awaitReady();
        volt = new VoltClient(voltUri, CALL);
        List<ServiceProcess> services = new ArrayList<>();
        services.add(launch(ORIGIN, node(ORIGIN, voltUri)));
        for (int i = 1; i <= count; i++) {
            services.add(launch("n" + i, node("n" + i, voltUri)));
        }
        for (ServiceProcess service : services) {
            nodes.put(service.name(), new NodeClient(service.awaitReady(), CALL));
        }
        awaitAlive(nodes.size());
    }

    private List<String> node(String name, URI voltUri) {
        return List.of(
                "--name",
                name,
                "--volt",
                voltUri.toString(),
                "--run",
                workspace.run(name).toString(),
                "--listen",
                "127.0.0.1:0",
                "--peer",
                "127.0.0.1:0",
                "--cache-size",
                "1G");
    }

    private ServiceProcess launch(String name, List<String> options) throws IOException {
        List<String> arguments = new ArrayList<>();
        arguments.add(name.equals(VOLT) ? VOLT : "node");
        arguments.addAll(List.of("--data", workspace.data(name).toString()));
        arguments.addAll(List.of("--heartbeat-millis", HEARTBEAT_MILLIS));
        arguments.addAll(options);
        return ServiceProcess.launch(
                runner, name, workspace.log(name), workspace.mark(), arguments);
    }

    /** Nodes can be asked for an image once Volt has heard of its origin. */
    private void awaitAlive(int count) throws InterruptedException {
        long deadline = System.nanoTime() + START.toNanos();
        while (volt().nodes().stream().filter(NodeStatus::alive).count() < count) {
            if (System.nanoTime() - deadline >= 0) {
                throw new ProblemException(
                        Kind.FAILED,
                        "quickstart",
                        "Volt does not hear of all nodes",
                        "look at the services' logs");
            }
            Waiting.pause(POLL);
        }
    }

    VoltApi volt() {
        return Objects.requireNonNull(volt);
    }

    NodeApi origin() {
        return Objects.requireNonNull(nodes.get(ORIGIN));
    }

    /** The nodes without the origin, by name. */
    Map<String, NodeApi> members() {
        Map<String, NodeApi> members = new LinkedHashMap<>(nodes);
        members.remove(ORIGIN);
        return members;
    }

    /**
     * Ends all processes of this run, in whatever state it is. May be called twice and by two
     * threads.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        List<ProcessHandle> ours =
                ProcessHandle.allProcesses()
                        .filter(process ->
                                process.pid() != ProcessHandle.current().pid() && isOurs(process))
                        .toList();
        ours.forEach(ProcessHandle::destroy);
        for (ProcessHandle process : ours) {
            try {
                process.onExit().get(END.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException | ExecutionException e) {
                process.destroyForcibly();
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Services have the run's directory in their arguments, and so have guests: in those of their
     * process files.
     */
    private boolean isOurs(ProcessHandle process) {
        try {
            String arguments =
                    Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
            return arguments.contains(workspace.mark());
        } catch (IOException e) {
            return false; // it ended meanwhile, or its arguments are no text
        }
    }
}
