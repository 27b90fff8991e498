package io.virtman.messaging.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.testkit.Await;
import io.virtman.testkit.RabbitBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example programs, run as the manual says, Java's with Python's. */
@Timeout(120)
class ExamplesTest {
    private static final Path EXAMPLES = Path.of("..", "examples").toAbsolutePath().normalize();

    @TempDir Path directory;

    private static List<String> java(String file) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")),
                EXAMPLES.resolve(file).toString());
    }

    /** Debian's Python, for which the package installs oslo.messaging. */
    private static List<String> python(String file) {
        return List.of("/usr/bin/python3", EXAMPLES.resolve(file).toString());
    }

    private Process start(List<String> program, Path output, String... arguments)
            throws IOException {
        List<String> argv = new ArrayList<>(program);
        argv.addAll(List.of(arguments));
        return new ProcessBuilder(argv)
                .redirectOutput(output.toFile())
                .redirectError(directory.resolve(output.getFileName() + ".errors").toFile())
                .start();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the client prints. */
    private String talk(List<String> server, List<String> client) throws Exception {
        String url = RabbitBroker.shared().uri();
        Path served = directory.resolve("server");
        Path called = directory.resolve("client");
        Process serving = start(server, served, url);
        try {
            Await.until(() -> !serving.isAlive() || read(served).contains("serving topic echo"));
            assertThat(serving.isAlive()).as(read(directory.resolve("server.errors"))).isTrue();
            Process calling = start(client, called, url, "hello", "na\u00efve");
            assertThat(calling.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(calling.exitValue()).as(read(directory.resolve("client.errors"))).isZero();
            return read(called);
        } finally {
            serving.destroy();
            if (!serving.waitFor(20, TimeUnit.SECONDS)) {
                serving.destroyForcibly();
            }
        }
    }

    @Test
    void aPythonClientTalksToTheJavaServer() throws Exception {
        assertThat(talk(java("EchoServer.java"), python("echo_client.py")))
                .isEqualTo("hello\nna\u00efve\nthe server says ValueError: as you asked for\n");
    }

    @Test
    void theJavaClientTalksToAPythonServer() throws Exception {
        assertThat(talk(python("echo_server.py"), java("EchoClient.java")))
                .isEqualTo(
                        "\"hello\"\n\"na\u00efve\"\nthe server says ValueError: as you asked for\n");
    }
}
