package io.virtman.stories;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The test-bed that `devstack/testbed` runs: where things are in it, and its processes. */
final class Bed {
    /** The host with real guests. */
    static final String LIBVIRT = "libvirt-1";

    /** Hosts of Nova's fake driver. */
    static final List<String> FAKES =
            IntStream.rangeClosed(1, 4).mapToObj(i -> "fake-" + i).toList();

    private static final Duration UP = Duration.ofMinutes(5);

    private Bed() {}

    static Path directory() {
        return Path.of(System.getProperty("testbed.dir", "/var/tmp/virtman-testbed"));
    }

    /** A client with the environment of `admin-openrc`. */
    static Cli admin() {
        return new Cli(openrc("admin"));
    }

    /** The same of an ordinary account. */
    static Cli demo() {
        return new Cli(openrc("demo"));
    }

    /** The variables that an openrc file sets. */
    static Map<String, String> openrc(String account) {
        Map<String, String> variables = new HashMap<>();
        try (Stream<String> lines = Files.lines(directory().resolve(account + "-openrc"))) {
            lines.filter(line -> line.startsWith("export "))
                    .flatMap(line -> Stream.of(line.substring("export ".length()).split(" ", -1)))
                    .forEach(assignment -> {
                        int equals = assignment.indexOf('=');
                        variables.put(
                                assignment.substring(0, equals), assignment.substring(equals + 1));
                    });
        } catch (IOException e) {
            throw new UncheckedIOException("the test-bed is not up; see docs/manual/testbed.md", e);
        }
        return variables;
    }

    static Consoles consoles() {
        return new Consoles(directory().resolve("nova").resolve(LIBVIRT).resolve("instances"));
    }

    /** The REST address of a host's node; the ports are those of docs/manual/testbed.md. */
    static URI node(String host) {
        int number =
                host.equals(LIBVIRT) ? 1 : 10 + Integer.parseInt(host.substring("fake-".length()));
        return URI.create("http://127.0.0.1:" + (7400 + number));
    }

    /** Starts whatever of the bed does not run, and waits until it works. */
    static void up() {
        testbed("up", "--no-install", "--compute", "libvirt", "--compute", "fake:" + FAKES.size());
    }

    private static void testbed(String... arguments) {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("devstack/testbed"))) {
            root = Objects.requireNonNull(root.getParent(), "not inside the source tree");
        }
        List<String> argv =
                Stream.of(
                                Stream.of(root.resolve("devstack/testbed").toString()),
                                Stream.of(arguments),
                                Stream.of("--dir", directory().toString()))
                        .flatMap(part -> part)
                        .toList();
        new Cli(Map.of()).run(UP, argv).orFail();
    }

    /** One of the bed's services, by the name of its log. */
    static ProcessHandle process(String name) {
        try {
            String recorded = Files.readString(directory().resolve("run").resolve(name + ".pid"));
            long pid = Long.parseLong(recorded.split(" ", -1)[0]);
            return ProcessHandle.of(pid)
                    .orElseThrow(() -> new AssertionError(name + " does not run"));
        } catch (IOException e) {
            throw new UncheckedIOException(name + " was never started", e);
        }
    }

    /** Asks a service to end, and waits until it has. */
    static void stop(String name) {
        ProcessHandle process = process(name);
        process.destroy();
        awaitEnd(process, name);
    }

    /** Stops a service and starts it again. */
    static void restart(String name) {
        stop(name);
        up();
    }

    /** Kills a process, as `kill -9` does. */
    static void kill(ProcessHandle process, String name) {
        process.destroyForcibly();
        awaitEnd(process, name);
    }

    private static void awaitEnd(ProcessHandle process, String name) {
        Deadline.await(Duration.ofSeconds(60), name + " ends", () -> !process.isAlive());
    }

    /** All processes whose command line has each of these words in it. */
    static List<ProcessHandle> processesWith(String... words) {
        return ProcessHandle.allProcesses()
                .filter(process -> {
                    String line = commandLine(process.pid());
                    return Stream.of(words).allMatch(line::contains);
                })
                .toList();
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"))
                    .replace('\0', ' ');
        } catch (IOException _) {
            return ""; // it has ended
        }
    }

    /**
     * How many bytes of an image Glance has sent to anybody, headers too, as its log of requests
     * says.
     */
    static long bytesFromGlance(String image) {
        Pattern sent = Pattern.compile("GET /v2/images/" + image + "/file \\S+ 20[06] (\\d+) ");
        try (Stream<String> lines = Files.lines(directory().resolve("log/glance-api.log"))) {
            return lines.map(sent::matcher)
                    .filter(Matcher::find)
                    .mapToLong(match -> Long.parseLong(match.group(1)))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The mount points below the bed's directory. */
    static List<String> mounts() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/mounts"))) {
            return lines.map(line -> line.split(" ", -1)[1])
                    .filter(point -> point.startsWith(directory() + "/"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
