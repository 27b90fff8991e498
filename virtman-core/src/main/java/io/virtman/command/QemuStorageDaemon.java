package io.virtman.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code qemu-storage-daemon}: the argument vector that exports one qcow2 file through FUSE,
 * starting it, and what is asked of it over its QMP socket.
 */
public final class QemuStorageDaemon {
    /** Id of the export and name of its block node. */
    public static final String EXPORT = "layer";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path SYSTEMD = Path.of("/run/systemd/system");

    private final CommandRunner runner;
    private final String program;
    private final Path systemd;

    /**
     * @param program {@code qemu-storage-daemon} or its path
     */
    public QemuStorageDaemon(CommandRunner runner, String program) {
        this(runner, program, SYSTEMD);
    }

    /**
     * @param systemd a directory that exists where systemd runs the host
     */
    QemuStorageDaemon(CommandRunner runner, String program, Path systemd) {
        this.runner = runner;
        this.program = program;
        this.systemd = systemd;
    }

    /** How the daemon reads and writes the layer's file. */
    public enum FileIo {
        /** Answers what is in the page cache at once: up to three times the requests of threads. */
        IO_URING("io_uring"),
        /** For kernels or containers that refuse io_uring. */
        THREADS("threads");

        private final String argument;

        FileIo(String argument) {
            this.argument = argument;
        }
    }

    /**
     * A daemon with one layer.
     *
     * @param layer qcow2 file; its backing reference is the one inside the file
     * @param mountPoint a regular file that the export is mounted on
     * @param monitor Unix socket of the QEMU machine protocol
     * @param processFile receives the process id once the export is up
     */
    public record Daemon(Path layer, FileIo io, Path mountPoint, Path monitor, Path processFile) {}

    /**
     * Starts a daemon that outlives this JVM; where systemd runs, in a scope of its own, so that
     * ending our service does not end it.
     *
     * @param log receives its messages
     * @return its process, which may not have become the daemon yet
     */
    public ProcessHandle start(Daemon daemon, Path log) throws IOException {
        return runner.startDetached(arguments(daemon), log);
    }

    /** The whole argument vector. */
    List<String> arguments(Daemon daemon) {
        List<String> argv = new ArrayList<>();
        if (Files.isDirectory(systemd)) {
            // it becomes the daemon: the process id stays
            argv.addAll(List.of("systemd-run", "--scope", "--quiet", "--collect", "--"));
        }
        argv.addAll(
                List.of(
                        program,
                        "--pidfile",
                        daemon.processFile().toString(),
                        "--chardev",
                        "socket,id=monitor,server=on,wait=off,path="
                                + daemon.monitor().toString().replace(",", ",,"),
                        "--monitor",
                        "chardev=monitor",
                        "--blockdev",
                        file(daemon).toString(),
                        "--blockdev",
                        layer().toString(),
                        "--export",
                        export(daemon).toString()));
        return List.copyOf(argv);
    }

    private static ObjectNode file(Daemon daemon) {
        return JSON.createObjectNode()
                .put("driver", "file")
                .put("node-name", "file")
                .put("filename", daemon.layer().toAbsolutePath().toString())
                .put("aio", daemon.io().argument)
                .put("discard", "unmap");
    }

    private static ObjectNode layer() {
        return JSON.createObjectNode()
                .put("driver", "qcow2")
                .put("node-name", EXPORT)
                .put("file", "file")
                .put("discard", "unmap");
    }

    private static ObjectNode export(Daemon daemon) {
        return JSON.createObjectNode()
                .put("type", "fuse")
                .put("id", EXPORT)
                .put("node-name", EXPORT)
                .put("mountpoint", daemon.mountPoint().toString())
                .put("writable", true)
                .put("growable", false)
                .put("allow-other", "on"); // libvirt gives the file to the guest's user
    }

    /**
     * Whether the daemon behind that monitor exports its layer.
     *
     * @throws IOException when it does not answer in time, as when all it does is wait for a read
     *     of its image, or answers something else
     */
    public static boolean exports(Path monitor, Duration timeout) throws IOException {
        try (QmpConnection connection = QmpConnection.open(monitor, timeout)) {
            for (var export : connection.execute("query-block-exports")) {
                if (export.path("id").asText("").equals(EXPORT)) {
                    return !export.path("shutting-down").asBoolean(true);
                }
            }
            return false;
        }
    }

    /**
     * Asks the daemon to flush the layer, end the export and exit.
     *
     * @throws IOException when it does not take note in time
     */
    public static void quit(Path monitor, Duration timeout) throws IOException {
        try (QmpConnection connection = QmpConnection.open(monitor, timeout)) {
            var _ = connection.execute("quit");
        }
    }
}
