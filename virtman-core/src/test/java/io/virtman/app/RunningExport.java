package io.virtman.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.nbd.NbdUri;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;

/** The command {@code export} running in a thread of the test; closing it stops it. */
final class RunningExport implements AutoCloseable {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final StringWriter errors = new StringWriter();
    private final String uri;
    private final Thread thread;
    private volatile int status = -1;

    private RunningExport(String uri, List<String> arguments) {
        this.uri = uri;
        CommandLine command =
                Main.commandLine()
                        .setOut(new PrintWriter(new Lines(), true))
                        .setErr(new PrintWriter(errors, true));
        this.thread =
                Thread.ofPlatform()
                        .name("export")
                        .start(() -> {
                            status = command.execute(arguments.toArray(String[]::new));
                            lines.add("ended");
                        });
    }

    /** Runs it on a Unix socket until it is ready. */
    static RunningExport start(Path socket, String... arguments) throws Exception {
        return start(uri(socket), List.of("--socket", socket.toString()), arguments);
    }

    /** Runs it on a TCP port of this host until it is ready. */
    static RunningExport start(int port, String... arguments) throws Exception {
        String address = "127.0.0.1:" + port;
        return start("nbd://" + address + "/", List.of("--listen", address), arguments);
    }

    private static RunningExport start(String uri, List<String> address, String... arguments)
            throws Exception {
        List<String> all = new ArrayList<>(List.of("export"));
        all.addAll(List.of(arguments));
        all.addAll(address);
        RunningExport export = new RunningExport(uri, all);
        String line = export.line();
        assertThat(line).as(export.errors.toString()).isEqualTo("ready");
        return export;
    }

    /** Runs arguments that must fail; gives exit status and errors. */
    static String fail(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("export"));
        all.addAll(List.of(arguments));
        try (RunningExport export = new RunningExport("", all)) {
            assertThat(export.line()).isEqualTo("ended");
            return export.status + " " + export.errors;
        }
    }

    /** The next line printed. */
    String line() throws InterruptedException {
        String line = lines.poll(LONG.toSeconds(), TimeUnit.SECONDS);
        assertThat(line).as("a line in time; errors: " + errors).isNotNull();
        return line;
    }

    /** Waits for the digest. */
    String digest() throws InterruptedException {
        String line = line();
        assertThat(line).matches("digest [0-9a-f]{64}");
        return line.substring("digest ".length());
    }

    String uri() {
        return uri;
    }

    static String uri(Path socket) {
        return new NbdUri(UnixDomainSocketAddress.of(socket), "").toString();
    }

    /** Stops it; does nothing when it has ended. */
    void stop() {
        thread.interrupt();
        try {
            assertThat(thread.join(LONG)).as("stopped").isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** What is printed, line by line. */
    private final class Lines extends Writer {
        private final StringBuilder begun = new StringBuilder();

        @Override
        public void write(char[] buffer, int offset, int length) {
            begun.append(buffer, offset, length);
            for (int end = begun.indexOf("\n"); end >= 0; end = begun.indexOf("\n")) {
                lines.add(begun.substring(0, end));
                begun.delete(0, end + 1);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
