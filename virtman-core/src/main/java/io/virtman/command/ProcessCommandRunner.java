package io.virtman.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Real processes. */
public final class ProcessCommandRunner implements CommandRunner {
    private static final int OUTPUT_LIMIT = 1 << 20;
    private static final int TIMED_OUT = 124;

    @Override
    public Output run(List<String> argv, Duration timeout) throws IOException {
        Process process =
                new ProcessBuilder(argv).redirectInput(Path.of("/dev/null").toFile()).start();
        try (var drains = Executors.newVirtualThreadPerTaskExecutor()) {
            var output =
                    CompletableFuture.supplyAsync(() -> drain(process.getInputStream()), drains);
            var error =
                    CompletableFuture.supplyAsync(() -> drain(process.getErrorStream()), drains);
            boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                kill(process);
                throw new CommandFailedException(argv, TIMED_OUT, "no end after " + timeout);
            }
            if (process.exitValue() != 0) {
                throw new CommandFailedException(argv, process.exitValue(), error.join());
            }
            return new Output(output.join(), error.join());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while " + argv.getFirst() + " ran");
        } finally {
            kill(process);
        }
    }

    @Override
    public long startDetached(List<String> argv, Path log) throws IOException {
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
        return process.pid();
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /**
     * Reads to the end so that the program never blocks on a full pipe, keeping at most the limit.
     */
    private static String drain(InputStream stream) {
        try (stream) {
            byte[] kept = stream.readNBytes(OUTPUT_LIMIT);
            stream.skip(Long.MAX_VALUE);
            return new String(kept, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return ""; // the program was killed; its status tells the story
        }
    }
}
