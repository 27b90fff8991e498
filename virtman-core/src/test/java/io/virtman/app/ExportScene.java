package io.virtman.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.command.CommandRunner;
import io.virtman.command.ProcessCommandRunner;
import io.virtman.testing.MemoryBlockSource;
import io.virtman.testkit.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** A disk, other people's servers and clients, and what our log says. */
final class ExportScene implements AutoCloseable {
    /** Odd, and not a whole number of chunks. */
    static final int SIZE = (4 << 20) + 70_001;

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Logger LOG = Logger.getLogger("io.virtman");

    final Path directory;
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private final List<Path> processes = new ArrayList<>();
    private final Handler handler = new Recorder();

    ExportScene(Path directory) {
        this.directory = directory;
        LOG.addHandler(handler);
    }

    private final class Recorder extends Handler {
        @Override
        public void publish(LogRecord record) {
            messages.add(new SimpleFormatter().formatMessage(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    /** Log messages with a text in them. */
    List<String> logged(String text) {
        return messages.stream().filter(message -> message.contains(text)).toList();
    }

    /** A disk with 1 MiB of data, 1 MiB of hole, and data again. */
    Path disk(String name) throws IOException {
        byte[] content = MemoryBlockSource.random(SIZE, 7).content();
        java.util.Arrays.fill(content, 1 << 20, 2 << 20, (byte) 0);
        Path file = Files.write(directory.resolve(name), content);
        run("fallocate", "--dig-holes", file.toString());
        return file;
    }

    /** A copy with one byte changed. */
    Path flipped(Path file, int offset) throws IOException {
        byte[] content = Files.readAllBytes(file);
        content[offset] ^= 1;
        return Files.write(directory.resolve("flipped.raw"), content);
    }

    Path path(String name) {
        return directory.resolve(name);
    }

    /** Runs a program to its end and gives what it printed. */
    String run(String... argv) throws IOException {
        List<String> command = new ArrayList<>(List.of(argv));
        command.set(0, Programs.require(argv[0]));
        CommandRunner.Output output = new ProcessCommandRunner().run(command, LONG);
        return output.standardOutput();
    }

    /** Serves by nbdkit, read-only; gives the URI. */
    String nbdkit(String name, String... arguments) throws IOException {
        Path socket = path(name + ".sock");
        List<String> command =
                new ArrayList<>(List.of("nbdkit", "-r", "-P", pidFile(name), "-U", socket + ""));
        command.addAll(List.of(arguments));
        run(command.toArray(String[]::new));
        return RunningExport.uri(socket);
    }

    /** Serves a raw file by qemu-nbd; gives the URI. */
    String qemuNbd(String name, Path file) throws IOException {
        Path socket = path(name + ".sock");
        run(
                "qemu-nbd",
                "--fork",
                "--persistent",
                "--read-only",
                "--pid-file=" + pidFile(name),
                "--socket=" + socket,
                "--format=raw",
                file.toString());
        return RunningExport.uri(socket);
    }

    private String pidFile(String name) {
        Path file = path(name + ".pid");
        processes.add(file);
        return file.toString();
    }

    /** Kills what was started under that name, and waits for its end. */
    void kill(String name) throws IOException {
        Optional<ProcessHandle> process = destroy(path(name + ".pid"));
        long end = System.nanoTime() + LONG.toNanos();
        while (process.isPresent() && process.get().isAlive()) {
            assertThat(System.nanoTime()).as(name + " ends").isLessThan(end);
            LockSupport.parkNanos(1_000_000); // onExit() looks but rarely at what is no child
        }
    }

    private Optional<ProcessHandle> destroy(Path pidFile) throws IOException {
        processes.remove(pidFile);
        long pid = Long.parseLong(Files.readString(pidFile).strip());
        Optional<ProcessHandle> process = ProcessHandle.of(pid);
        process.ifPresent(ProcessHandle::destroyForcibly);
        return process;
    }

    /** Copies everything by nbdcopy and compares. */
    void requireSame(String uri, Path expected) throws IOException {
        Path copy = path("copy.raw");
        Files.deleteIfExists(copy);
        run("nbdcopy", uri, copy.toString());
        assertThat(Files.mismatch(copy, expected)).isEqualTo(-1);
    }

    @Override
    public void close() throws IOException {
        LOG.removeHandler(handler);
        for (Path file : List.copyOf(processes)) {
            var _ = destroy(file);
        }
    }
}
