package io.virtman.bench;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.virtman.testkit.RabbitBroker;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Measures one pair of client and server after the other, over a broker of its own. Only the pair
 * that is measured runs. The pairs alternate, so that what else the machine does hits both.
 */
final class RpcBench {
    private static final Duration START = Duration.ofMinutes(1);
    private static final Duration SLACK = Duration.ofMinutes(2);
    private static final JsonMapper JSON =
            JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private final int callers;
    private final int warmUp;
    private final int seconds;
    private final Consumer<String> notes;

    /**
     * Prepares a comparison.
     *
     * @param callers calls at the same time
     * @param warmUp seconds before each round
     * @param seconds of each round
     * @param notes is told what goes on
     */
    RpcBench(int callers, int warmUp, int seconds, Consumer<String> notes) {
        this.callers = callers;
        this.warmUp = warmUp;
        this.seconds = seconds;
        this.notes = notes;
    }

    RpcComparison run(int rounds) throws IOException, InterruptedException {
        Path directory =
                Files.createTempDirectory(
                        "virtman-bench",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
        notes.accept("starting RabbitMQ on a private port");
        try (RabbitBroker broker = RabbitBroker.start()) {
            // In a file, since an argument can be read by every user of the machine.
            Path url = Files.writeString(directory.resolve("url"), broker.uri());
            Path sample = directory.resolve(RpcSample.RESOURCE);
            extract(RpcSample.RESOURCE, sample);
            Path script = directory.resolve("rpc_peer.py");
            extract("rpc_peer.py", script);
            List<String> python = List.of("/usr/bin/python3", script.toString());
            List<RpcFigures> javaRounds = new ArrayList<>();
            List<RpcFigures> pythonRounds = new ArrayList<>();
            for (int round = 1; round <= rounds; round++) {
                javaRounds.add(measure("java", javaPeer(), directory, url, sample, round));
                pythonRounds.add(measure("python", python, directory, url, sample, round));
            }
            RpcFigures ours = RpcFigures.median(javaRounds);
            RpcFigures theirs = RpcFigures.median(pythonRounds);
            return new RpcComparison(
                    ours, theirs, callers, rounds, ours.callsPerSecond() / theirs.callsPerSecond());
        } finally {
            try (var files = Files.newDirectoryStream(directory)) {
                for (Path file : files) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        }
    }

    private RpcFigures measure(
            String name, List<String> program, Path directory, Path url, Path sample, int round)
            throws IOException, InterruptedException {
        Path errors = directory.resolve("errors");
        try (PeerProcess server =
                PeerProcess.start(
                        name + " server",
                        argv(program, "serve", url.toString(), sample.toString()),
                        errors)) {
            String ready = server.line(START);
            if (!ready.equals("ready")) {
                throw new IOException(name + " server said: " + ready);
            }
            try (PeerProcess client =
                    PeerProcess.start(
                            name + " client",
                            argv(
                                    program,
                                    "call",
                                    url.toString(),
                                    sample.toString(),
                                    Integer.toString(callers),
                                    Integer.toString(warmUp),
                                    Integer.toString(seconds)),
                            errors)) {
                String line = client.line(SLACK.plusSeconds((long) warmUp + seconds));
                RpcFigures figures = JSON.readValue(line, RpcFigures.class);
                notes.accept(
                        String.format(
                                "round %d, %-6s %6.0f calls/s, p50 %.2f ms, p99 %.2f ms",
                                round,
                                name,
                                figures.callsPerSecond(),
                                figures.p50Millis(),
                                figures.p99Millis()));
                return figures;
            }
        }
    }

    private static List<String> argv(List<String> program, String... arguments) {
        List<String> argv = new ArrayList<>(program);
        argv.addAll(List.of(arguments));
        return argv;
    }

    /** This JVM's Java, options and classes. */
    private static List<String> javaPeer() {
        List<String> argv = new ArrayList<>();
        argv.add(ProcessHandle.current().info().command().orElse("java"));
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!option.startsWith("-javaagent:") && !option.startsWith("-Xmx")) {
                argv.add(option);
            }
        }
        argv.addAll(
                List.of(
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RpcPeer.class.getName()));
        return argv;
    }

    private static void extract(String resource, Path file) throws IOException {
        try (InputStream content = RpcBench.class.getResourceAsStream(resource)) {
            Files.copy(Objects.requireNonNull(content), file);
        }
    }
}
