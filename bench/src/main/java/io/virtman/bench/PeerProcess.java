package io.virtman.bench;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client or a server in a process of its own. It ends at the latest when its standard input does,
 * that is with this JVM, and it says what it has to say in lines.
 */
final class PeerProcess implements AutoCloseable {
    private static final int MOST_LINES = 100;

    private final String name;
    private final Process process;
    private final Path errors;
    private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(MOST_LINES);

    private PeerProcess(String name, Process process, Path errors) {
        this.name = name;
        this.process = process;
        this.errors = errors;
    }

    /**
     * Starts one.
     *
     * @param errors file for its standard error
     */
    static PeerProcess start(String name, List<String> argv, Path errors) throws IOException {
        PeerProcess peer =
                new PeerProcess(
                        name,
                        new ProcessBuilder(argv).redirectError(errors.toFile()).start(),
                        errors);
        Thread.ofVirtual().name(name).start(peer::read);
        return peer;
    }

    private void read() {
        try (BufferedReader output =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (!lines.offer(line)) {
                    return;
                }
            }
        } catch (IOException e) {
            // It was killed; whoever waits for a line learns that from the time-out.
        }
    }

    /** The next line that it prints. */
    String line(Duration limit) throws IOException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            @Nullable String line = lines.poll(100, TimeUnit.MILLISECONDS);
            if (line != null) {
                return line;
            }
            boolean late = System.nanoTime() - end > 0;
            if (late || (!process.isAlive() && lines.isEmpty())) {
                throw new ProblemException(
                        Kind.FAILED,
                        name,
                        (late ? "said nothing within " + limit.toSeconds() + " s" : "ended early")
                                + ": "
                                + lastError(),
                        "correct that and run it again");
            }
        }
    }

    private String lastError() throws IOException {
        List<String> printed = Files.readAllLines(errors, StandardCharsets.UTF_8);
        return printed.isEmpty() ? "no message" : printed.getLast();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
