package io.virtman.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A MariaDB server of its own in a directory of the test, on a private port of the loopback. Its
 * {@code root} has no password and all rights. It keeps its port when it is started again. Nothing
 * of it is left when it is closed or the JVM ends.
 *
 * <p>It doesn't wait for the disk: what was committed survives {@link #kill}, not the host.
 */
public final class MariaDb implements AutoCloseable {
    private static final Duration INSTALL_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration START_TIMEOUT = Duration.ofSeconds(20);
    private static final int ATTEMPTS = 3;

    private final Path directory;
    private final Thread reaper = new Thread(this::destroy, "mariadb-reaper");
    private int port;
    private Process process;

    private MariaDb(Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        install();
        for (int attempt = 1; ; attempt++) {
            port = freePort(); // another program may take it before the server does
            process = launch();
            if (answers()) {
                Runtime.getRuntime().addShutdownHook(reaper);
                return;
            }
            destroy();
            if (attempt == ATTEMPTS) {
                throw new IOException("mariadbd did not start: " + log());
            }
        }
    }

    /**
     * Makes a server with an empty data directory and waits until it answers; about 2 s.
     *
     * @param directory an empty one, for the server alone
     */
    public static MariaDb start(Path directory) throws IOException, InterruptedException {
        return new MariaDb(directory);
    }

    /** Of the loopback; the same after {@link #restart}. */
    public int port() {
        return port;
    }

    /**
     * For JDBC, without parameters.
     *
     * @param database may be empty
     */
    public String url(String database) {
        return "jdbc:mysql://127.0.0.1:" + port + "/" + database;
    }

    /** Ends the server as a crash would (SIGKILL), and waits for its end. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** Stops the server (SIGSTOP): connections stay open, and nothing answers. */
    public void pause() throws IOException, InterruptedException {
        signal("-STOP");
    }

    /** After {@link #pause} (SIGCONT). */
    public void resume() throws IOException, InterruptedException {
        signal("-CONT");
    }

    /** Starts the server again on the same data and port, after {@link #kill}. */
    public void restart() throws IOException, InterruptedException {
        if (process.isAlive()) {
            throw new IllegalStateException("it still runs");
        }
        process = launch();
        if (!answers()) {
            throw new IOException("mariadbd did not start again: " + log());
        }
    }

    @Override
    public void close() {
        destroy();
        try {
            Runtime.getRuntime().removeShutdownHook(reaper);
        } catch (IllegalStateException _) {
            // the JVM is about to end, and the hook runs
        }
    }

    private void destroy() {
        process.destroyForcibly(); // its data is not needed any more
        boolean interrupted = false;
        while (process.isAlive()) {
            try {
                process.waitFor();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void install() throws IOException, InterruptedException {
        Process install =
                start(
                        Programs.require("mariadb-install-db"),
                        "--no-defaults",
                        "--datadir=" + directory.resolve("data"),
                        "--auth-root-authentication-method=normal",
                        "--skip-test-db");
        if (!install.waitFor(INSTALL_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
            install.destroyForcibly();
        }
        if (install.waitFor() != 0) {
            throw new IOException("mariadb-install-db failed: " + log());
        }
    }

    private Process launch() throws IOException {
        return start(
                Programs.require("mariadbd"),
                "--no-defaults",
                "--datadir=" + directory.resolve("data"),
                "--socket=" + directory.resolve("socket"),
                "--pid-file=" + directory.resolve("pid"),
                "--bind-address=127.0.0.1",
                "--port=" + port,
                "--skip-name-resolve",
                "--innodb-buffer-pool-size=16M",
                "--innodb-flush-log-at-trx-commit=2");
    }

    private Process start(String... argv) throws IOException {
        List<String> command = new ArrayList<>(List.of(argv));
        if ("root".equals(System.getProperty("user.name"))) {
            command.add("--user=root"); // otherwise it refuses; it listens on the loopback only
        }
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()))
                .start();
    }

    private Path logFile() {
        return directory.resolve("log");
    }

    private String log() throws IOException {
        return Files.readString(logFile());
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill =
                new ProcessBuilder(Programs.require("kill"), name, Long.toString(process.pid()))
                        .inheritIO()
                        .start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill " + name + " failed");
        }
    }

    /** A server that is ready greets; one that is not refuses the connection. */
    private boolean answers() throws InterruptedException {
        long start = System.nanoTime();
        while (System.nanoTime() - start < START_TIMEOUT.toNanos()) {
            try (Socket socket = new Socket()) {
                socket.setSoTimeout(1_000);
                socket.connect(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
                if (socket.getInputStream().read() >= 0) {
                    return true;
                }
            } catch (IOException _) {
                // not yet, unless it ended
            }
            if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
        return false;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
