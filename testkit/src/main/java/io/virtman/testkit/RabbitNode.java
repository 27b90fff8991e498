package io.virtman.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The processes, files and ports of a {@link RabbitBroker}. */
final class RabbitNode implements AutoCloseable {
    /** Stands for the port of the TLS listener in lines of configuration. */
    static final String TLS_PORT = "{tls port}";

    private static final Path PROGRAMS = Path.of("/usr/lib/rabbitmq/bin");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path directory;
    private final int port;
    private final int tlsPort;
    private final int distributionPort;
    private final int epmdPort;
    private final String password;
    private final Thread hook = new Thread(this::end, "end of a RabbitMQ");
    private @Nullable Process epmd;
    private @Nullable Process server;

    RabbitNode(String user, String virtualHost, List<String> configuration) {
        Programs.require("rabbitmqctl");
        Programs.require("epmd");
        try {
            directory = Files.createTempDirectory("rabbitmq-");
            port = freePort();
            tlsPort = freePort();
            distributionPort = freePort();
            epmdPort = freePort();
            password = random();
            Path cookie = directory.resolve(".erlang.cookie");
            Files.writeString(cookie, random());
            Files.setPosixFilePermissions(cookie, PosixFilePermissions.fromString("r--------"));
            Files.writeString(directory.resolve("plugins"), "[].\n");
            List<String> lines =
                    new ArrayList<>(
                            List.of(
                                    "listeners.tcp.1 = 127.0.0.1:" + port,
                                    "default_user = " + user,
                                    "default_pass = " + password,
                                    "default_vhost = " + virtualHost,
                                    "default_user_tags.administrator = true",
                                    "log.console = true",
                                    "log.console.level = warning",
                                    "log.file = false",
                                    "vm_memory_high_watermark.absolute = 1GB",
                                    "disk_free_limit.absolute = 50MB"));
            configuration.forEach(line -> lines.add(line.replace(TLS_PORT, "" + tlsPort)));
            Files.write(directory.resolve("rabbitmq.conf"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(hook);
    }

    int port() {
        return port;
    }

    int tlsPort() {
        return tlsPort;
    }

    String password() {
        return password;
    }

    void start() {
        if (epmd == null || !epmd.isAlive()) {
            String program = Programs.require("epmd");
            epmd = run("epmd.log", program, "-address", "127.0.0.1", "-port", "" + epmdPort);
        }
        server = run("server.log", PROGRAMS.resolve("rabbitmq-server").toString());
    }

    private Process run(String log, String... command) {
        try {
            return builder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(directory.resolve(log).toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ProcessBuilder builder(String... command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        Map<String, String> environment = builder.environment();
        String path = environment.getOrDefault("PATH", "/usr/bin:/bin");
        environment.clear();
        environment.put("PATH", path);
        environment.put("HOME", directory.toString());
        environment.put("LANG", "C.UTF-8");
        environment.put("RABBITMQ_NODENAME", "testing" + port + "@localhost");
        environment.put("RABBITMQ_CONFIG_FILE", directory.resolve("rabbitmq.conf").toString());
        environment.put("RABBITMQ_ADVANCED_CONFIG_FILE", directory.resolve("no.config").toString());
        environment.put("RABBITMQ_CONF_ENV_FILE", directory.resolve("no.conf").toString());
        environment.put("RABBITMQ_ENABLED_PLUGINS_FILE", directory.resolve("plugins").toString());
        environment.put("RABBITMQ_MNESIA_BASE", directory.resolve("data").toString());
        environment.put("RABBITMQ_LOG_BASE", directory.resolve("log").toString());
        environment.put("RABBITMQ_PID_FILE", directory.resolve("pid").toString());
        environment.put("RABBITMQ_DIST_PORT", "" + distributionPort);
        environment.put("ERL_EPMD_ADDRESS", "127.0.0.1");
        environment.put("ERL_EPMD_PORT", "" + epmdPort);
        environment.put("ERL_CRASH_DUMP_SECONDS", "0");
        environment.put(
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none");
        environment.put("RABBITMQ_CTL_ERL_ARGS", "+S 1:1 +sbwt none");
        return builder;
    }

    boolean alive() {
        return server != null && server.isAlive();
    }

    void stop() {
        if (server == null) {
            return;
        }
        List<ProcessHandle> all = tree(server);
        all.stream().filter(RabbitNode::erlang).forEach(ProcessHandle::destroy);
        if (!ended(all, 30)) {
            kill();
        }
        server = null;
    }

    void kill() {
        if (server != null) {
            List<ProcessHandle> all = tree(server);
            all.forEach(ProcessHandle::destroyForcibly);
            if (!ended(all, 30)) {
                throw new AssertionError("RabbitMQ does not end");
            }
            server = null;
        }
    }

    /** The shell script, the Erlang machine and its helper programs. */
    private static List<ProcessHandle> tree(Process process) {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        return all;
    }

    private static boolean erlang(ProcessHandle process) {
        return process.info().command().map(path -> path.contains("beam")).orElse(false);
    }

    private static boolean ended(List<ProcessHandle> processes, long seconds) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (ProcessHandle process : processes) {
            try {
                process.onExit().get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            } catch (ExecutionException e) {
                throw new AssertionError(e);
            }
        }
        return true;
    }

    String control(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(PROGRAMS.resolve("rabbitmqctl").toString());
        command.addAll(arguments);
        Path output = directory.resolve("control.out");
        Path error = directory.resolve("control.err");
        try {
            Process process =
                    builder(command.toArray(String[]::new))
                            .redirectOutput(output.toFile())
                            .redirectError(error.toFile())
                            .start();
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                tree(process).forEach(ProcessHandle::destroyForcibly);
                throw new AssertionError(
                        command + " failed: " + Files.readString(output) + Files.readString(error));
            }
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The end of what the server wrote. */
    String log() {
        try {
            String text = Files.readString(directory.resolve("server.log"));
            return text.substring(Math.max(0, text.length() - 4000));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(hook);
        end();
    }

    private void end() {
        kill();
        if (epmd != null) {
            epmd.destroyForcibly();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String random() {
        byte[] bytes = new byte[16];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Below the range from which the system takes ports, so that it is free after a restart. */
    private static int freePort() {
        for (int attempt = 0; attempt < 1000; attempt++) {
            int port = 20_000 + RANDOM.nextInt(12_000);
            if (free(port)) {
                return port;
            }
        }
        throw new AssertionError("no free port");
    }

    private static boolean free(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
