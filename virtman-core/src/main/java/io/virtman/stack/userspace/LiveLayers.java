package io.virtman.stack.userspace;

import io.virtman.command.Mounts;
import io.virtman.command.QemuStorageDaemon;
import io.virtman.command.QemuStorageDaemon.FileIo;
import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.stack.LayerExports;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Layers exported through FUSE by one {@code qemu-storage-daemon} each, which runs in a session of
 * its own and outlives this JVM. A daemon is found again by its pid file and arguments; nobody
 * else's process is ever ended. Its death is noticed at once, or within 5 s where an earlier JVM
 * started it.
 */
public final class LiveLayers implements LayerExports, Closeable {
    private static final Logger LOGGER = System.getLogger(LiveLayers.class.getName());

    /** Longer than the daemon itself waits for the backing export. */
    private static final Duration START_TIME_OUT =
            Duration.ofSeconds(QcowLayers.OPEN_TIMEOUT + 30L);

    private static final Duration ASK_TIME_OUT = Duration.ofSeconds(2);
    private static final Duration END_TIME_OUT = Duration.ofSeconds(10);
    private static final int SOCKET_PATH_LIMIT = 107; // sun_path less its NUL
    private static final int LOG_SHOWN = 500;
    private static final int SMALLEST_LAYER = 4096;
    private static final byte[] MAGIC = {'Q', 'F', 'I', (byte) 0xfb};

    private final QemuStorageDaemon program;
    private final ExportFolder folder;
    private final Path directory;
    private final FileArrivals arrivals;
    private final Map<String, DetachedProcess> running = new ConcurrentHashMap<>();
    private final Map<String, String> failures = new ConcurrentHashMap<>();
    private volatile FileIo io = FileIo.IO_URING;
    private volatile Listener listener = (_, _) -> {};

    /**
     * @param runDirectory for pid files, monitor sockets and logs; created when missing
     */
    LiveLayers(QemuStorageDaemon program, ExportFolder folder, Path runDirectory)
            throws IOException {
        this.program = program;
        this.folder = folder;
        this.directory = Files.createDirectories(runDirectory.toAbsolutePath().normalize());
        this.arrivals = new FileArrivals(directory);
    }

    /**
     * @param exports folder in which the layers appear; made and mounted at the first export
     * @param runDirectory for pid files, monitor sockets and logs; created when missing
     */
    public LiveLayers(QemuStorageDaemon program, Mounts mounts, Path exports, Path runDirectory)
            throws IOException {
        this(program, new ExportFolder(exports, mounts), runDirectory);
    }

    @Override
    public void listen(Listener told) {
        listener = told;
    }

    @Override
    public Path path(String vm) {
        return folder.path(vm);
    }

    @Override
    public State state(String vm) {
        DetachedProcess process = running.get(vm);
        if (process != null) {
            return new State.Exported(process.pid());
        }
        String failure = failures.get(vm);
        return failure == null ? new State.Absent() : new State.Failed(failure);
    }

    @Override
    public Path start(String vm, Path layer) throws IOException {
        Names.require("vm", vm);
        requireShort(monitor(vm));
        requireLayer(layer);
        folder.prepare();
        Optional<DetachedProcess> process = find(vm);
        if (process.isPresent() && adopted(process.get())) {
            folder.publish(vm);
        } else {
            stop(vm);
            process = Optional.of(launch(vm, layer));
        }
        failures.remove(vm);
        watch(process.get());
        return folder.path(vm);
    }

    /** A daemon that an earlier JVM started may still be waiting for its image. */
    private Optional<DetachedProcess> find(String vm) throws IOException {
        Optional<DetachedProcess> known = DetachedProcess.adopt(vm, processFile(vm));
        return known.isPresent() || !folder.present(vm)
                ? known
                : DetachedProcess.search(processFile(vm))
                        .flatMap(handle -> DetachedProcess.of(vm, handle.pid(), processFile(vm)));
    }

    /** Whether a daemon that runs is one to go on with. */
    private boolean adopted(DetachedProcess process) throws IOException {
        String vm = process.name();
        if (!awaitMount(process)) {
            return false;
        }
        try {
            return QemuStorageDaemon.exports(monitor(vm), ASK_TIME_OUT);
        } catch (InterruptedIOException e) {
            if (e instanceof SocketTimeoutException) {
                // while it waits for a read of its image it answers nobody; guests wait with it
                LOGGER.log(Level.INFO, "the storage daemon of {0} is busy", vm);
                return true;
            }
            throw e;
        } catch (IOException e) {
            LOGGER.log(Level.WARNING, "the storage daemon of {0}: {1}", vm, e.getMessage());
            return false;
        }
    }

    private DetachedProcess launch(String vm, Path layer) throws IOException {
        FileIo chosen = io;
        try {
            return launch(vm, layer, chosen);
        } catch (ProblemException e) {
            if (chosen == FileIo.THREADS || !e.detail().contains("io_uring")) {
                throw e;
            }
            LOGGER.log(Level.WARNING, "no io_uring here, exports are slower: {0}", e.detail());
            io = FileIo.THREADS;
            return launch(vm, layer, FileIo.THREADS);
        }
    }

    private DetachedProcess launch(String vm, Path layer, FileIo chosen) throws IOException {
        folder.begin(vm);
        Files.deleteIfExists(log(vm));
        Optional<DetachedProcess> process = Optional.empty();
        try {
            DetachedProcess daemon =
                    DetachedProcess.started(
                            vm,
                            program.start(
                                    new QemuStorageDaemon.Daemon(
                                            layer,
                                            chosen,
                                            folder.mountPoint(vm),
                                            monitor(vm),
                                            processFile(vm)),
                                    log(vm)));
            process = Optional.of(daemon);
            if (!awaitMount(daemon)) {
                throw notStarted(vm);
            }
            folder.publish(vm);
            return daemon;
        } catch (IOException | RuntimeException e) {
            try {
                stop(vm, process);
            } catch (IOException | RuntimeException further) {
                e.addSuppressed(further);
            }
            throw e;
        }
    }

    private ProblemException notStarted(String vm) throws IOException {
        String said = ConsoleMarker.printableTail(log(vm), LOG_SHOWN);
        return new ProblemException(
                Kind.FAILED,
                "export",
                "the storage daemon of " + vm + " did not start: " + said,
                "correct what it complains about; its image's node must run on this host");
    }

    /** Waits until the daemon has mounted its export; false when it ends or does not in time. */
    private boolean awaitMount(DetachedProcess process) throws IOException {
        // its pid file comes last
        Path processFile = processFile(process.name());
        return arrivals.await(processFile, process.onExit(), START_TIME_OUT)
                && folder.mounted(process.name())
                && process.alive();
    }

    private void watch(DetachedProcess process) {
        DetachedProcess before = running.put(process.name(), process);
        if (before == null || before.pid() != process.pid()) {
            var _ = process.onExit().thenRun(() -> ended(process));
        }
    }

    private void ended(DetachedProcess process) {
        String vm = process.name();
        DetachedProcess known = running.get(vm);
        if (known == null || known.pid() != process.pid() || !running.remove(vm, known)) {
            return; // it was told to
        }
        String reason = "its storage daemon, process " + process.pid() + ", died";
        try {
            String said = ConsoleMarker.printableTail(log(vm), LOG_SHOWN);
            reason += said.isEmpty() ? " without a word" : ": " + said;
        } catch (IOException e) {
            reason += "; its log can't be read: " + e.getMessage();
        }
        failures.put(vm, reason);
        LOGGER.log(Level.ERROR, "VM {0} lost its disk: {1}", vm, reason);
        listener.died(vm, reason);
    }

    @Override
    public void stop(String vm) throws IOException {
        stop(Names.require("vm", vm), Optional.ofNullable(running.get(vm)));
    }

    private void stop(String vm, Optional<DetachedProcess> known) throws IOException {
        running.remove(vm);
        folder.hide(vm); // back to where it was mounted, so that the daemon can unmount it
        Optional<DetachedProcess> process = known.isPresent() ? known : find(vm);
        if (process.isPresent() && process.get().alive()) {
            end(process.get());
        }
        folder.remove(vm);
        Files.deleteIfExists(monitor(vm));
        Files.deleteIfExists(processFile(vm));
        Files.deleteIfExists(log(vm));
        failures.remove(vm);
    }

    private void end(DetachedProcess process) throws IOException {
        try {
            try {
                QemuStorageDaemon.quit(monitor(process.name()), ASK_TIME_OUT);
            } catch (InterruptedIOException e) {
                if (!(e instanceof SocketTimeoutException)) {
                    throw e;
                }
                process.terminate();
            } catch (IOException e) {
                process.terminate();
            }
            if (process.awaitExit(END_TIME_OUT)) {
                return;
            }
            process.kill();
            if (!process.awaitExit(END_TIME_OUT)) {
                throw new ProblemException(
                        Kind.FAILED,
                        process.name(),
                        "process " + process.pid() + " does not end",
                        "look at the host's kernel log; its storage may hang");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while an export of a layer ended");
        }
    }

    /** A file that ends within its header makes QEMU 7.2 wait for ever when it uses io_uring. */
    private static void requireLayer(Path layer) throws IOException {
        byte[] begin;
        try (InputStream file = Files.newInputStream(layer)) {
            begin = file.readNBytes(SMALLEST_LAYER);
        }
        if (begin.length < SMALLEST_LAYER
                || !Arrays.equals(begin, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new ProblemException(
                    Kind.FAILED, "export", layer + " is no layer", "restore it from a backup");
        }
    }

    private static void requireShort(Path socket) {
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > SOCKET_PATH_LIMIT) {
            throw new ProblemException(
                    Kind.INVALID,
                    "--run",
                    socket + " is too long for a Unix socket",
                    "use a directory with a shorter path");
        }
    }

    private Path processFile(String vm) {
        return directory.resolve(vm + ".pid");
    }

    private Path monitor(String vm) {
        return directory.resolve(vm + ".qmp");
    }

    private Path log(String vm) {
        return directory.resolve(vm + ".log");
    }

    /** Stops watching; the daemons and their files stay. */
    @Override
    public void close() throws IOException {
        running.clear();
        arrivals.close();
    }
}
