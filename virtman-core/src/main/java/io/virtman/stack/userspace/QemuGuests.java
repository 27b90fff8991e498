package io.virtman.stack.userspace;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.command.Qemu;
import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Guests as QEMU processes. They outlive this JVM; what runs is found again through the pid files
 * in one directory, so this object keeps no state. Safe for concurrent use as long as each guest
 * name has one caller at a time.
 */
public final class QemuGuests {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Longer than QEMU itself waits for a layer's backing export. */
    private static final Duration START_TIME_OUT = Duration.ofSeconds(150);

    private static final Duration TERMINATE_TIME_OUT = Duration.ofSeconds(10);
    private static final Duration KILL_TIME_OUT = Duration.ofSeconds(10);
    private static final int SOCKET_PATH_LIMIT = 107; // sun_path less its NUL
    private static final int LOG_SHOWN = 2000;

    private final Qemu qemu;
    private final Path directory;
    private volatile @Nullable Boolean sandbox; // found out at the first start

    /**
     * @param directory for pid files, monitor sockets and QEMU's logs; created when missing
     */
    public QemuGuests(Qemu qemu, Path directory) throws IOException {
        this.qemu = qemu;
        this.directory = directory.toAbsolutePath().normalize();
        Files.createDirectories(this.directory);
    }

    private boolean sandbox() throws IOException {
        Boolean known = sandbox;
        if (known == null) {
            known = qemu.canSandbox();
            sandbox = known;
        }
        return known;
    }

    /**
     * Starts a guest and returns when QEMU has opened its disk and runs.
     *
     * @throws ProblemException CONFLICT when a guest of this name runs, FAILED when QEMU ends at
     *     once; its message is QEMU's own
     */
    public DetachedProcess start(GuestSpecification guest, Accelerator accelerator)
            throws IOException {
        String name = guest.name();
        if (find(name).isPresent()) {
            throw new ProblemException(
                    Kind.CONFLICT, "name", "guest " + name + " already runs", "stop it first");
        }
        Path monitor = monitor(name);
        Path log = log(name);
        Optional<ProcessHandle> begun = DetachedProcess.search(processFile(name));
        if (begun.isPresent()) {
            // an earlier JVM of ours died while this one waited for its disk
            return awaitRunning(name, begun.get().pid(), monitor, log);
        }
        if (monitor.toString().getBytes(StandardCharsets.UTF_8).length > SOCKET_PATH_LIMIT) {
            throw new ProblemException(
                    Kind.INVALID,
                    "directory",
                    monitor + " is too long for a Unix socket",
                    "use a directory with a shorter path");
        }
        Files.deleteIfExists(log);
        Files.deleteIfExists(monitor);
        Files.deleteIfExists(processFile(name));
        long pid =
                qemu.start(
                        new Qemu.Machine(
                                name,
                                accelerator.argument(),
                                accelerator.processor(),
                                guest.memoryMebibytes(),
                                guest.kernel(),
                                List.of(blockDevice(guest.disk())),
                                guest.console().toAbsolutePath(),
                                monitor,
                                processFile(name)),
                        sandbox(),
                        log);
        return awaitRunning(name, pid, monitor, log);
    }

    /** The running guest of this name, also one that an earlier JVM started. */
    public Optional<DetachedProcess> find(String name) throws IOException {
        return DetachedProcess.adopt(Names.require("name", name), processFile(name));
    }

    /** Whether a guest of this name runs, or is about to: it may still wait for its disk. */
    boolean mayRun(String name) throws IOException {
        return alive(name) || DetachedProcess.search(processFile(name)).isPresent();
    }

    /** Whether a guest of this name runs. */
    public boolean alive(String name) throws IOException {
        return find(name).isPresent();
    }

    /**
     * Ends a guest: QEMU is asked first and flushes its disk, then killed. Does nothing when none
     * runs.
     *
     * @throws ProblemException FAILED when the process survives even that
     */
    public void stop(String name) throws IOException {
        Optional<DetachedProcess> running = find(name);
        if (running.isPresent()) {
            end(running.get());
        } else {
            // one that still waits for its disk has written no pid file yet, and nothing to it
            Optional<ProcessHandle> begun = DetachedProcess.search(processFile(name));
            if (begun.isPresent()) {
                kill(name, begun.get());
            }
        }
        Files.deleteIfExists(monitor(name));
        Files.deleteIfExists(processFile(name));
    }

    /** The QEMU machine protocol socket of a guest. */
    public Path monitor(String name) {
        return directory.resolve(name + ".qmp");
    }

    /** QEMU's own messages about a guest. */
    public Path log(String name) {
        return directory.resolve(name + ".log");
    }

    private Path processFile(String name) {
        return directory.resolve(name + ".pid");
    }

    private static void kill(String name, ProcessHandle process) throws IOException {
        process.destroyForcibly();
        Poller poller = new Poller(KILL_TIME_OUT);
        while (process.isAlive()) {
            if (!poller.pause()) {
                throw new ProblemException(
                        Kind.FAILED,
                        name,
                        "process " + process.pid() + " does not end",
                        "look at the host's kernel log; its storage may hang");
            }
        }
    }

    private static void end(DetachedProcess guest) throws IOException {
        try {
            guest.terminate();
            if (guest.awaitExit(TERMINATE_TIME_OUT)) {
                return;
            }
            guest.kill();
            if (!guest.awaitExit(KILL_TIME_OUT)) {
                throw new ProblemException(
                        Kind.FAILED,
                        guest.name(),
                        "process " + guest.pid() + " does not end",
                        "look at the host's kernel log; its storage may hang");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while guest " + guest.name() + " ended");
        }
    }

    /** QEMU writes its pid file after it has set up all devices, that is, opened the disk. */
    private DetachedProcess awaitRunning(String name, long pid, Path monitor, Path log)
            throws IOException {
        Poller poller = new Poller(START_TIME_OUT);
        do {
            Optional<DetachedProcess> guest = find(name);
            if (guest.isPresent() && Files.exists(monitor)) {
                return guest.get();
            }
            if (!ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)) {
                throw new ProblemException(
                        Kind.FAILED,
                        name,
                        "QEMU ended at once: " + ConsoleMarker.printableTail(log, LOG_SHOWN),
                        "correct what QEMU complains about");
            }
        } while (poller.pause());
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        throw new ProblemException(
                Kind.FAILED,
                name,
                "QEMU did not start within " + START_TIME_OUT.toSeconds() + " s",
                "see whether the disk's server answers; QEMU's messages are in " + log);
    }

    private static String blockDevice(GuestSpecification.Disk disk) {
        ObjectNode device =
                switch (disk) {
                    case GuestSpecification.Qcow2Layer layer -> qcow2(layer);
                    case GuestSpecification.BlockDevice block -> parse(block.json());
                };
        return device.put("node-name", Qemu.DISK_NODE).toString();
    }

    private static ObjectNode qcow2(GuestSpecification.Qcow2Layer layer) {
        ObjectNode device = JSON.createObjectNode().put("driver", "qcow2").put("discard", "unmap");
        device.putObject("file")
                .put("driver", "file")
                .put("filename", layer.file().toAbsolutePath().toString());
        return device;
    }

    private static ObjectNode parse(String json) {
        try {
            JsonNode node = JSON.readTree(json);
            if (node instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw notAnObject(e);
        }
        throw notAnObject(null);
    }

    private static ProblemException notAnObject(@Nullable Throwable cause) {
        return new ProblemException(
                Kind.INVALID,
                "disk",
                "not a JSON object",
                "describe the disk as for QEMU's blockdev-add",
                cause);
    }
}
