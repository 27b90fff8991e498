package io.virtman.app.quickstart;

import io.virtman.app.Main;
import io.virtman.app.Waiting;
import io.virtman.command.CommandRunner;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of our services as a process of its own, on this JVM's Java and classes.
 *
 * @param log receives both of its outputs
 */
record ServiceProcess(String name, long processId, Path log) {
    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Pattern READY = Pattern.compile("(?m)^ready rest=(\\S+)");

    /**
     * Starts a service.
     *
     * @param mark stands in its arguments, so that it is found whatever happens
     * @param arguments of the command line
     */
    static ServiceProcess launch(
            CommandRunner runner, String name, Path log, String mark, List<String> arguments)
            throws IOException {
        Files.deleteIfExists(log); // an earlier one's "ready" is not this one's
        List<String> argv = new ArrayList<>();
        argv.add(ProcessHandle.current().info().command().orElse("java"));
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!option.startsWith("-javaagent:") && !option.startsWith("-Xmx")) {
                argv.add(option);
            }
        }
        argv.addAll(List.of("-Xmx384m", "-Dvirtman.quickstart=" + mark));
        argv.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        argv.addAll(arguments);
        return new ServiceProcess(name, runner.startDetached(argv, log).pid(), log);
    }

    /** Waits until it has said where it listens; its REST address. */
    URI awaitReady() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START.toNanos();
        while (System.nanoTime() - deadline < 0) {
            String text = Files.exists(log) ? Files.readString(log) : "";
            Matcher ready = READY.matcher(text);
            if (ready.find()) {
                return URI.create(Objects.requireNonNull(ready.group(1)));
            }
            if (!ProcessHandle.of(processId).map(ProcessHandle::isAlive).orElse(false)) {
                throw failed("ended at once: " + text.strip());
            }
            Waiting.pause(POLL);
        }
        throw failed("was not ready within " + START.toSeconds() + " s");
    }

    private ProblemException failed(String how) {
        return new ProblemException(
                Kind.FAILED,
                "quickstart",
                "the service " + name + " " + how,
                "correct that and run it again");
    }
}
