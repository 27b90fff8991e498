package io.virtman.stack.userspace;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A QEMU process of one guest or layer, started by this JVM or by one before it. A process is ours
 * when we started it, or when its arguments name our pid file; so a pid that the system gave to
 * another program is never taken for it. Immutable; any thread.
 *
 * <p>Arguments are looked at once. While a process executes its program the kernel shows none, so
 * they can't tell whether it lives; its handle can, which knows the process by its start time.
 */
public final class DetachedProcess {
    private static final List<String> OPTIONS = List.of("-pidfile", "--pidfile");

    private final String name;
    private final ProcessHandle handle;

    private DetachedProcess(String name, ProcessHandle handle) {
        this.name = name;
        this.handle = handle;
    }

    /** A process that this JVM has just started; it may not have become the program yet. */
    static DetachedProcess started(String name, ProcessHandle handle) {
        return new DetachedProcess(name, handle);
    }

    /** The process that runs with {@code processFile} as its pid file, if there is one. */
    static Optional<DetachedProcess> adopt(String name, Path processFile) throws IOException {
        if (!Files.exists(processFile)) {
            return Optional.empty();
        }
        String text;
        try (var stream = Files.newInputStream(processFile)) {
            text = new String(stream.readNBytes(32), StandardCharsets.US_ASCII).strip();
        }
        if (!text.matches("[1-9][0-9]{0,9}")) {
            return Optional.empty(); // being written, or damaged
        }
        // the handle remembers the start time: signals through it never reach a later process
        return of(name, Long.parseLong(text), processFile);
    }

    /** The process that was started with {@code processFile}, though it may not have written it. */
    static Optional<ProcessHandle> search(Path processFile) {
        return ProcessHandle.allProcesses()
                .filter(handle -> namesProcessFile(handle.pid(), processFile))
                .findFirst();
    }

    /** The process with this pid, if it was started with {@code processFile}. */
    static Optional<DetachedProcess> of(String name, long pid, Path processFile) {
        return ProcessHandle.of(pid)
                .filter(handle -> namesProcessFile(handle.pid(), processFile))
                .map(handle -> new DetachedProcess(name, handle))
                .filter(DetachedProcess::alive);
    }

    public String name() {
        return name;
    }

    public long pid() {
        return handle.pid();
    }

    /** Whether it runs now. */
    public boolean alive() {
        return handle.isAlive() && !unreaped();
    }

    /** Asks it to end; QEMU then flushes its disks. */
    void terminate() {
        handle.destroy();
    }

    void kill() {
        handle.destroyForcibly();
    }

    /** Completed when it has ended; up to 5 s later where an earlier JVM started it. */
    CompletableFuture<ProcessHandle> onExit() {
        return handle.onExit();
    }

    /** Waits for the end; returns whether it came in time. */
    boolean awaitExit(Duration timeout) throws InterruptedException {
        try {
            handle.onExit().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return !alive();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether it has ended and its parent has not taken note; see proc_pid_stat(5). */
    private boolean unreaped() {
        try {
            Path file = Path.of("/proc", Long.toString(pid()), "stat");
            String stat = Files.readString(file, StandardCharsets.ISO_8859_1);
            int state = stat.lastIndexOf(')') + 2; // its name may hold anything
            return state >= stat.length() || "ZX".indexOf(stat.charAt(state)) >= 0;
        } catch (IOException e) {
            return true; // it ended meanwhile
        }
    }

    private static boolean namesProcessFile(long pid, Path processFile) {
        try {
            byte[] raw = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "cmdline"));
            List<String> argv = List.of(new String(raw, StandardCharsets.UTF_8).split("\0", -1));
            int option = OPTIONS.stream().mapToInt(argv::indexOf).max().orElse(-1);
            return option >= 0
                    && option + 1 < argv.size()
                    && argv.get(option + 1).equals(processFile.toString());
        } catch (IOException e) {
            return false; // it ended meanwhile
        }
    }
}
