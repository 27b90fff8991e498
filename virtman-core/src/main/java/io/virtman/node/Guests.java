package io.virtman.node;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.stack.GuestRunner;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * The guests of this node's VMs. They run on while this service is away and are found again. Calls
 * for one VM come one at a time; different VMs are independent.
 */
final class Guests implements Closeable {
    private static final Logger LOGGER = System.getLogger(Guests.class.getName());
    private static final Duration MARKER_PATIENCE = Duration.ofMinutes(30);
    private static final int MINIMUM_MEMORY = 16;
    private static final int MAXIMUM_MEMORY = 1 << 20;
    private static final int LONGEST_COMMAND_LINE = 2047; // what Linux on x86 keeps
    private static final int LONGEST_MARKER = 128;

    private final GuestRunner runner;
    private final RecordStore<GuestRecord> journal;
    private final InstantSource clock;
    private final KeyedLocks locks;
    private final ExecutorService watchers =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("console-", 0).factory());

    /**
     * @param locks the VMs' locks; callers hold the VM's, except for {@link #view}
     */
    Guests(
            GuestRunner runner,
            RecordStore<GuestRecord> journal,
            InstantSource clock,
            KeyedLocks locks) {
        this.runner = runner;
        this.journal = journal;
        this.clock = clock;
        this.locks = locks;
    }

    /** Goes on waiting for the markers of guests that started before a restart. */
    void restore() {
        journal.all().stream().filter(record -> record.bootMillis() == null).forEach(this::watch);
    }

    /** Starts a guest, or leaves the one that runs alone. */
    void start(String vm, Path disk, GuestRequest request) throws IOException {
        validate(request);
        if (runs(vm) && journal.get(vm).isPresent()) {
            return;
        }
        String commandLine = request.commandLine();
        GuestRecord record = new GuestRecord(vm, request, clock.millis(), null, null);
        journal.put(vm, record);
        runner.start(
                new GuestRunner.Start(
                        vm,
                        disk,
                        request.memoryMebibytes(),
                        path(request.kernel()),
                        path(request.initrd()),
                        commandLine == null ? null : commandLine.replace("%n", vm)));
        watch(record);
    }

    boolean runs(String vm) throws IOException {
        return runner.find(vm).filter(GuestRunner.Guest::running).isPresent();
    }

    private static void validate(GuestRequest request) {
        if (request.memoryMebibytes() < MINIMUM_MEMORY
                || request.memoryMebibytes() > MAXIMUM_MEMORY) {
            throw new ProblemException(
                    Kind.INVALID,
                    "memoryMebibytes",
                    request.memoryMebibytes() + " is out of range",
                    "give from " + MINIMUM_MEMORY + " to " + MAXIMUM_MEMORY);
        }
        if (request.kernel() == null
                && (request.initrd() != null || request.commandLine() != null)) {
            throw new ProblemException(
                    Kind.INVALID,
                    "kernel",
                    "an initrd or command line was given without it",
                    "give the kernel too");
        }
        requireFile("kernel", request.kernel());
        requireFile("initrd", request.initrd());
        requireLine("commandLine", request.commandLine(), LONGEST_COMMAND_LINE);
        requireLine("marker", request.marker(), LONGEST_MARKER);
    }

    private static void requireLine(String field, @Nullable String text, int longest) {
        if (text != null
                && (text.length() > longest || text.chars().anyMatch(Character::isISOControl))) {
            throw new ProblemException(
                    Kind.INVALID,
                    field,
                    "longer than " + longest + " characters, or more than one line",
                    "give one line of printable text");
        }
    }

    private static void requireFile(String field, @Nullable String path) {
        if (path != null && !isFile(path)) {
            throw new ProblemException(
                    Kind.INVALID,
                    field,
                    "not a readable file on this host",
                    "give the absolute path of a file on the node's host");
        }
    }

    private static boolean isFile(String text) {
        try {
            Path path = Path.of(text);
            return path.isAbsolute() && Files.isRegularFile(path) && Files.isReadable(path);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static @Nullable Path path(@Nullable String text) {
        return text == null ? null : Path.of(text);
    }

    private void watch(GuestRecord record) {
        String marker = record.request().marker();
        if (marker != null) {
            watchers.execute(() -> awaitMarker(record, marker));
        }
    }

    private void awaitMarker(GuestRecord record, String marker) {
        try {
            String line = runner.awaitLine(record.vm(), marker, MARKER_PATIENCE);
            try (var _ = locks.lock(record.vm())) {
                booted(record, line);
            }
        } catch (IOException | ProblemException e) {
            LOGGER.log(Level.WARNING, "{0}: {1}", record.vm(), e.getMessage());
        }
    }

    /** Takes note of the marker unless this guest was destroyed or started anew meanwhile. */
    private void booted(GuestRecord record, String line) throws IOException {
        Optional<GuestRunner.Guest> guest = runner.find(record.vm());
        boolean same = journal.get(record.vm()).filter(record::equals).isPresent();
        if (guest.isPresent() && same) {
            // the console's time, not ours: this service may have been away when the line was
            // written
            long written = Files.getLastModifiedTime(guest.get().console()).toMillis();
            long millis = Math.max(0, written - record.startedMillis());
            journal.put(record.vm(), record.booted(millis, line));
        }
    }

    VmView.@Nullable GuestView view(String vm) throws IOException {
        Optional<GuestRecord> record = journal.get(vm);
        Optional<GuestRunner.Guest> guest = runner.find(vm);
        if (record.isEmpty() || guest.isEmpty()) {
            return null;
        }
        return new VmView.GuestView(
                guest.get().running(),
                guest.get().processId(),
                runner.accelerator(),
                guest.get().console().toString(),
                record.get().bootMillis(),
                record.get().markerLine());
    }

    void stop(String vm) throws IOException {
        runner.stop(vm);
    }

    /** Stops it and forgets that it ever was. */
    void remove(String vm) throws IOException {
        runner.stop(vm);
        if (runs(vm)) {
            throw new IOException("its guest still runs");
        }
        journal.remove(vm);
        runner.forget(vm);
    }

    @Override
    public void close() {
        watchers.shutdownNow();
    }
}
