package io.virtman.command;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Real processes. The calling thread waits; two helper threads read what the program prints, so
 * that it never blocks on a full pipe.
 */
public final class ProcessCommandRunner implements CommandRunner {
    private static final int OUTPUT_LIMIT = 1 << 20;
    private static final int TIMED_OUT = 124;

    private final Duration grace;

    public ProcessCommandRunner() {
        this(Duration.ofSeconds(5));
    }

    /**
     * @param grace how long the rest of each output may take once the program has ended
     */
    ProcessCommandRunner(Duration grace) {
        this.grace = grace;
    }

    @Override
    public Output run(List<String> argv, Duration timeout) throws IOException {
        Process process =
                new ProcessBuilder(argv).redirectInput(Path.of("/dev/null").toFile()).start();
        try {
            var output = new OutputDrain(process.getInputStream(), OUTPUT_LIMIT);
            var error = new OutputDrain(process.getErrorStream(), OUTPUT_LIMIT);
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new CommandFailedException(argv, TIMED_OUT, "no end after " + timeout);
            }
            // a child left behind may hold the pipes open for ever: do not wait for it
            var printed = new Output(output.await(grace), error.await(grace));
            if (process.exitValue() != 0) {
                throw new CommandFailedException(
                        argv, process.exitValue(), printed.standardError());
            }
            return printed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while " + argv.getFirst() + " ran");
        } finally {
            kill(process);
        }
    }

    @Override
    public ProcessHandle startDetached(List<String> argv, Path log) throws IOException {
        // setsid keeps terminal signals and process-group kills for this service away from the
        // program
        List<String> detached = new ArrayList<>(List.of("setsid", "--"));
        detached.addAll(argv);
        Process process =
                new ProcessBuilder(detached)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        return process.toHandle();
    }

    /** Kills a process and its children; does nothing to one that has ended. */
    private static void kill(Process process) {
        if (!process.isAlive()) {
            return; // its children are not its own any more, and looking for them reads all of
            // /proc
        }
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
    }
}
