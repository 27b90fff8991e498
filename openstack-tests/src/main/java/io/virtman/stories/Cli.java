package io.virtman.stories;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs, OpenStack's clients above all, with one account's environment. */
final class Cli {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, String> environment;

    /**
     * @param environment added to this process's own
     */
    Cli(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /** What a program that has ended leaves behind. */
    record Finished(List<String> argv, int status, String out, String err) {
        /** Fails the story when the program has failed. */
        Finished orFail() {
            if (status != 0) {
                throw new AssertionError(
                        String.join(" ", argv) + " ended with " + status + ": " + err + out);
            }
            return this;
        }
    }

    /** Runs a program to its end; the story fails when that takes longer than 3 minutes. */
    Finished run(String... argv) {
        return run(LIMIT, List.of(argv));
    }

    Finished run(Duration limit, List<String> argv) {
        try {
            Path out = Files.createTempFile("story", ".out");
            Path err = Files.createTempFile("story", ".err");
            try {
                ProcessBuilder builder = new ProcessBuilder(argv);
                builder.environment().putAll(environment);
                builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
                Process process =
                        builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError(String.join(" ", argv) + " does not end");
                }
                return new Finished(
                        argv, process.exitValue(), Files.readString(out), Files.readString(err));
            } finally {
                Files.deleteIfExists(out);
                Files.deleteIfExists(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Runs {@code openstack ARGUMENT...}, whatever comes of it. */
    Finished openstack(String... arguments) {
        List<String> argv = new ArrayList<>(List.of("/usr/bin/openstack"));
        argv.addAll(List.of(arguments));
        return run(LIMIT, argv);
    }

    /** Runs {@code openstack ARGUMENT... -f json}, which must succeed. */
    JsonNode json(String... arguments) {
        List<String> argv = new ArrayList<>(List.of(arguments));
        argv.addAll(List.of("-f", "json"));
        String out = openstack(argv.toArray(String[]::new)).orFail().out();
        try {
            // the client writes an empty line before the first answer of some commands
            return JSON.readTree(out.strip());
        } catch (IOException e) {
            throw new AssertionError(String.join(" ", argv) + " did not say JSON: " + out, e);
        }
    }
}
