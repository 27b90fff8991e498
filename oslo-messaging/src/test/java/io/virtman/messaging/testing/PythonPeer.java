package io.virtman.messaging.testing;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.virtman.testkit.Await;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Debian's python3-oslo.messaging in a process of its own, told what to do by JSON lines. See
 * {@code python_peer.py} for the operations. Any thread.
 *
 * <p>Nothing waits for ever: each request has a time limit, and the process ends with {@link
 * #close} or with this one.
 */
public final class PythonPeer implements AutoCloseable {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    private static final List<String> SCRIPTS =
            List.of("python_peer.py", "peer_roles.py", "peer_failures.py");
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final int LINES = 400;
    private static final int EVENTS = 100_000;

    private final Path directory;
    private final Process process;
    private final BufferedWriter commands;
    private final AtomicLong ids = new AtomicLong();
    private final Map<Long, CompletableFuture<JsonNode>> pending = new ConcurrentHashMap<>();
    private final Deque<JsonNode> events = new ArrayDeque<>();
    private final Deque<String> log = new ArrayDeque<>();

    private PythonPeer(Path directory, Process process) {
        this.directory = directory;
        this.process = process;
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
        read("output", process.inputReader(StandardCharsets.UTF_8), this::told);
        read("log", process.errorReader(StandardCharsets.UTF_8), this::logged);
    }

    /** Starts one; returns when it answers. */
    public static PythonPeer start() {
        try {
            Path directory = Files.createTempDirectory("python-peer");
            for (String script : SCRIPTS) {
                try (InputStream source =
                        PythonPeer.class.getResourceAsStream("/python/" + script)) {
                    if (source == null) {
                        throw new AssertionError("resource /python/" + script + " is missing");
                    }
                    Files.copy(source, directory.resolve(script));
                }
            }
            // Debian's interpreter: another one on the path would not have Debian's packages
            ProcessBuilder builder =
                    new ProcessBuilder("/usr/bin/python3", "-u", directory + "/python_peer.py")
                            .directory(directory.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("PYTHON"));
            PythonPeer peer = new PythonPeer(directory, builder.start());
            peer.request("ping", Map.of());
            return peer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Opens a transport.
     *
     * @param name to name it by in other operations
     * @param configuration a file as oslo.config reads it, with a {@code transport_url}
     * @param allowed modules of exceptions that its RPC clients may build again
     */
    public void open(String name, Path configuration, String... allowed) {
        request(
                "open",
                Map.of(
                        "name",
                        name,
                        "config",
                        configuration.toString(),
                        "exmods",
                        List.of(allowed)));
    }

    /**
     * Does it and returns the result.
     *
     * @param with the named arguments: anything that Jackson writes
     * @throws PythonPeerException when it raised one
     */
    public JsonNode request(String operation, Map<String, ?> with) {
        return await(operation, submit(operation, with));
    }

    /** Starts doing it; fails with {@link PythonPeerException} when it raises one. */
    public CompletableFuture<JsonNode> submit(String operation, Map<String, ?> with) {
        long id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        pending.put(id, answer);
        try {
            String line = JSON.writeValueAsString(Map.of("id", id, "op", operation, "with", with));
            synchronized (commands) {
                commands.write(line);
                commands.write('\n');
                commands.flush();
            }
        } catch (IOException e) {
            pending.remove(id);
            throw new AssertionError("the Python peer has gone\n" + log(), e);
        }
        return answer;
    }

    /** Waits for what was submitted, and says what the peer logged when that takes too long. */
    public JsonNode await(String what, CompletableFuture<JsonNode> answer) {
        try {
            return answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PythonPeerException raised) {
                throw raised;
            }
            throw new AssertionError("the Python peer could not " + what + "\n" + log(), e);
        } catch (TimeoutException e) {
            throw new AssertionError("the Python peer is late with " + what + "\n" + log(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Waits for an event, 20 seconds at most, and takes it out. */
    public JsonNode event(String name, Predicate<JsonNode> which) {
        CompletableFuture<JsonNode> found = new CompletableFuture<>();
        try {
            Await.until(() -> {
                @Nullable JsonNode event = take(name, which);
                return event != null && found.complete(event);
            });
        } catch (AssertionError e) {
            throw new AssertionError("no such event '" + name + "' in 20 s\n" + log(), e);
        }
        return found.join();
    }

    /** The events of that name so far, not taken out. */
    public List<JsonNode> events(String name, Predicate<JsonNode> which) {
        synchronized (events) {
            List<JsonNode> found = new ArrayList<>(events);
            found.removeIf(event -> !event.path("event").asText().equals(name));
            found.removeIf(which.negate());
            return found;
        }
    }

    /** The last lines that it logged. */
    public String log() {
        synchronized (log) {
            return String.join("\n", log);
        }
    }

    /** Ends it, with all its connections. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                throw new AssertionError("the Python peer does not die");
            }
            for (String script : SCRIPTS) {
                Files.deleteIfExists(directory.resolve(script));
            }
            try (var rest = Files.walk(directory)) {
                for (Path path : rest.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private @Nullable JsonNode take(String name, Predicate<JsonNode> which) {
        synchronized (events) {
            for (var candidates = events.iterator(); candidates.hasNext(); ) {
                JsonNode event = candidates.next();
                if (event.path("event").asText().equals(name) && which.test(event)) {
                    candidates.remove();
                    return event;
                }
            }
            return null;
        }
    }

    private void told(String line) throws IOException {
        JsonNode message = JSON.readTree(line);
        if (!message.has("id")) {
            synchronized (events) {
                events.add(message);
                if (events.size() > EVENTS) {
                    events.removeFirst();
                }
            }
            return;
        }
        CompletableFuture<JsonNode> answer = pending.remove(message.get("id").asLong());
        if (answer == null) {
            return;
        }
        if (message.has("error")) {
            answer.completeExceptionally(new PythonPeerException(message.get("error")));
        } else {
            answer.complete(message.path("ok"));
        }
    }

    private void logged(String line) {
        synchronized (log) {
            log.add(line);
            if (log.size() > LINES) {
                log.removeFirst();
            }
        }
    }

    private void read(String what, BufferedReader source, LineHandler handler) {
        Thread.ofPlatform()
                .daemon()
                .name("python-peer-" + what)
                .start(() -> {
                    try (source) {
                        for (String line = source.readLine();
                                line != null;
                                line = source.readLine()) {
                            handler.handle(line);
                        }
                    } catch (IOException e) {
                        logged("reading its " + what + " failed: " + e);
                    }
                    pending.values()
                            .forEach(answer ->
                                    answer.completeExceptionally(new IOException("it has ended")));
                });
    }

    @FunctionalInterface
    private interface LineHandler {
        void handle(String line) throws IOException;
    }
}
