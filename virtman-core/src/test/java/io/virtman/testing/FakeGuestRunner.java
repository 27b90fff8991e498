package io.virtman.testing;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.stack.GuestRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Guests without processes. Their state outlives a node service, as real ones do: give the same
 * object to the next. A guest prints when {@link #print} is called.
 */
public final class FakeGuestRunner implements GuestRunner {
    private static final class Console {
        final CountDownLatch printed = new CountDownLatch(1);
        volatile String line = "";
    }

    private final Path directory;
    private final Map<String, Start> running = new ConcurrentSkipListMap<>();
    private final Map<String, Console> consoles = new ConcurrentHashMap<>();

    /** Processes started so far. */
    public final AtomicInteger starts = new AtomicInteger();

    /** Whether guests survive {@link #stop}. */
    public volatile boolean undying;

    public FakeGuestRunner(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
    }

    /** Guests that run now. */
    public Map<String, Start> running() {
        return Map.copyOf(running);
    }

    /** The guest prints a line. */
    public void print(String vm, String line) {
        Console console = consoles.computeIfAbsent(vm, _ -> new Console());
        console.line = line;
        console.printed.countDown();
    }

    /** The guest powers itself off. */
    public void end(String vm) {
        running.remove(vm);
    }

    @Override
    public Guest start(Start start) throws IOException {
        if (!Files.exists(start.disk())) {
            throw new IOException("no disk " + start.disk());
        }
        if (running.putIfAbsent(start.vm(), start) == null) {
            starts.incrementAndGet();
            Files.writeString(console(start.vm()), "");
        }
        return find(start.vm()).orElseThrow();
    }

    private Path console(String vm) {
        return directory.resolve(vm + ".console");
    }

    @Override
    public Optional<Guest> find(String vm) {
        boolean runs = running.containsKey(vm);
        return runs || Files.exists(console(vm))
                ? Optional.of(new Guest(runs, runs ? 1 : 0, console(vm)))
                : Optional.empty();
    }

    @Override
    public void stop(String vm) {
        if (undying) {
            throw new ProblemException(Kind.FAILED, vm, "does not end", "look");
        }
        running.remove(vm);
    }

    @Override
    public void forget(String vm) throws IOException {
        Files.deleteIfExists(console(vm));
    }

    @Override
    public String awaitLine(String vm, String prefix, Duration atMost) throws IOException {
        Console console = consoles.computeIfAbsent(vm, _ -> new Console());
        try {
            if (!console.printed.await(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new ProblemException(Kind.UNAVAILABLE, vm, "printed nothing", "wait");
            }
            return console.line;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public String accelerator() {
        return "tcg";
    }
}
