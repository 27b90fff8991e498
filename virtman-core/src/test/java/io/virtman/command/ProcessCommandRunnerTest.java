package io.virtman.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ProcessCommandRunnerTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final ProcessCommandRunner runner = new ProcessCommandRunner();

    @TempDir Path scratch;

    @Test
    void bothStreamsAreKept() throws Exception {
        var output = runner.run(shell("echo out; echo err >&2; cat"), LONG);
        assertThat(output.standardOutput()).isEqualTo("out\n");
        assertThat(output.standardError()).isEqualTo("err\n");
    }

    @Test
    void aFailureTellsStatusAndStandardError() {
        var failure =
                catchThrowableOfType(
                        CommandFailedException.class,
                        () -> runner.run(shell("echo why >&2; exit 3"), LONG));
        assertThat(failure.status()).isEqualTo(3);
        assertThat(failure.standardError()).isEqualTo("why\n");
    }

    @Test
    void aMissingProgramIsAnError() {
        assertThatThrownBy(() -> runner.run(List.of("no-such-program"), LONG))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no-such-program");
    }

    @Test
    void muchOutputIsCutAndDoesNotBlock() throws Exception {
        var output =
                runner.run(shell("head -c 5000000 /dev/zero | tr '\\0' x; echo end >&2"), LONG);
        assertThat(output.standardOutput()).hasSize(1 << 20);
        assertThat(output.standardError()).isEqualTo("end\n");
    }

    @Test
    void timeEndsItAndItsChildren() throws Exception {
        Path pid = scratch.resolve("pid");
        var failure =
                catchThrowableOfType(
                        CommandFailedException.class,
                        () ->
                                runner.run(
                                        shell("sleep 600 & echo $! > " + pid + "; wait"),
                                        Duration.ofSeconds(1)));
        assertThat(failure.status()).isEqualTo(124);
        assertEnds(Long.parseLong(Files.readString(pid).strip()));
    }

    @Test
    void anInterruptEndsIt() throws Exception {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> runner.run(List.of("sleep", "60.25"), LONG))
                .isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
        for (ProcessHandle child : ProcessHandle.current().children().toList()) {
            if (child.info().commandLine().orElse("").endsWith("60.25")) {
                assertEnds(child.pid());
            }
        }
    }

    @Test
    void aChildThatKeepsThePipesIsNotWaitedFor() throws Exception {
        Path pid = scratch.resolve("pid");
        var output =
                new ProcessCommandRunner(Duration.ofMillis(500))
                        .run(shell("setsid sleep 60 & echo $! > " + pid + "; echo done"), LONG);
        assertThat(output.standardOutput()).isEqualTo("done\n");
        ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                .ifPresent(ProcessHandle::destroyForcibly);
    }

    @Test
    void aDetachedProgramHasASessionOfItsOwn() throws Exception {
        Path log = Files.writeString(scratch.resolve("log"), "before\n");
        Path go = scratch.resolve("go");
        runner.run(List.of("mkfifo", go.toString()), LONG);
        ProcessHandle process =
                runner.startDetached(
                        shell("read _ < " + go + "; ps -o sid= -p $$; echo err >&2"), log);
        Files.writeString(go, "\n");
        var _ = process.onExit().get(10, TimeUnit.SECONDS);
        assertThat(Files.readString(log).split("\\s+"))
                .containsExactly("before", Long.toString(process.pid()), "err");
    }

    private static void assertEnds(long pid) throws Exception {
        var process = ProcessHandle.of(pid);
        if (process.isPresent()) {
            process.get().onExit().get(10, TimeUnit.SECONDS);
        }
    }

    private static List<String> shell(String script) {
        return List.of("sh", "-c", script);
    }
}
