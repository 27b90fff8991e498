package io.virtman.volt;

import io.virtman.command.ProcessCommandRunner;
import io.virtman.testkit.Programs;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A MariaDB server of its own in a temporary directory, on a free port of the loopback. */
final class MariaDb implements AutoCloseable {
    static final String USER = "root";
    private static final Duration START_TIMEOUT = Duration.ofSeconds(20);

    private final Process process;
    private final int port;

    private MariaDb(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static MariaDb start(Path directory) throws Exception {
        Path data = directory.resolve("data");
        List<String> account = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            account.add("--user=root"); // otherwise it refuses; it listens on the loopback only
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        List<String> install =
                new ArrayList<>(
                        List.of(
                                Programs.require("mariadb-install-db"),
                                "--no-defaults",
                                "--datadir=" + data,
                                "--auth-root-authentication-method=normal",
                                "--skip-test-db"));
        install.addAll(account);
        new ProcessCommandRunner().run(install, Duration.ofSeconds(60));
        Path log = directory.resolve("log");
        for (int attempt = 0; ; attempt++) {
            int port = freePort();
            List<String> argv =
                    new ArrayList<>(
                            List.of(
                                    Programs.require("mariadbd"),
                                    "--no-defaults",
                                    "--datadir=" + data,
                                    "--socket=" + directory.resolve("socket"),
                                    "--pid-file=" + directory.resolve("pid"),
                                    "--bind-address=127.0.0.1",
                                    "--port=" + port,
                                    "--skip-name-resolve",
                                    "--innodb-buffer-pool-size=16M",
                                    "--innodb-flush-log-at-trx-commit=0"));
            argv.addAll(account);
            Process process =
                    new ProcessBuilder(argv)
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            MariaDb server = new MariaDb(process, port);
            if (server.answers()) {
                return server;
            }
            server.close();
            if (attempt == 2) {
                throw new IOException("mariadbd did not start: " + Files.readString(log));
            }
        }
    }

    String url(String database) {
        return "jdbc:mysql://127.0.0.1:" + port + "/" + database;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.onExit().get(20, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            process.destroyForcibly();
            throw new AssertionError("mariadbd did not stop", e);
        }
    }

    private boolean answers() throws InterruptedException {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (System.nanoTime() < deadline) {
            try (var connection = DriverManager.getConnection(url(""), USER, "")) {
                return connection.isValid(1);
            } catch (SQLException e) {
                // not yet, unless it ended
                if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
                    return false;
                }
            }
        }
        return false;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
