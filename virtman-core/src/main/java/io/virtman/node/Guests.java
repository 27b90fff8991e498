package io.virtman.node;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.stack.GuestRunner;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * The guests of this node's VMs. They run on while this service is away and are found again. Calls
 * for one VM come one at a time (the VM's lock); different VMs are independent.
 */
final class Guests implements Closeable {
    private static final Logger LOGGER = System.getLogger(Guests.class.getName());
    private static final Duration MARKER_PATIENCE = Duration.ofMinutes(30);
    private static final int MINIMUM_MEMORY = 16;
    private static final int MAXIMUM_MEMORY = 1 << 20;

    private final GuestRunner runner;
    private final RecordStore<GuestRecord> journal;
    private final InstantSource clock;
    private final ExecutorService watchers =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("console-", 0).factory());

    Guests(GuestRunner runner, RecordStore<GuestRecord> journal, InstantSource clock) {
        this.runner = runner;
        this.journal = journal;
        this.clock = clock;
    }

    /** Goes on waiting for the markers of guests that started before a restart. */
    void restore() {
        journal.all().stream().filter(record -> record.bootMillis() == null).forEach(this::watch);
    }

    void start(String vm, Path disk, GuestRequest request) throws IOException {
        validate(request);
        Optional<GuestRunner.Guest> present = runner.find(vm);
        if (present.isPresent() && present.get().running() && journal.get(vm).isPresent()) {
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
    }

    private static void requireFile(String field, @Nullable String path) {
        if (path != null && !(Path.of(path).isAbsolute() && Files.isReadable(Path.of(path)))) {
            throw new ProblemException(
                    Kind.INVALID,
                    field,
                    "'" + path + "' is not a readable file on this host",
                    "give the absolute path of a file on the node's host");
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
            Optional<GuestRunner.Guest> guest = runner.find(record.vm());
            boolean same = journal.get(record.vm()).filter(record::equals).isPresent();
            if (guest.isPresent() && same) {
                // the console's time, not ours: this service may have been away when the line was
                // written
                long written = Files.getLastModifiedTime(guest.get().console()).toMillis();
                journal.put(record.vm(), record.booted(written - record.startedMillis(), line));
            }
        } catch (IOException | UncheckedIOException | ProblemException e) {
            LOGGER.log(Level.WARNING, "{0}: {1}", record.vm(), e.getMessage());
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
        journal.remove(vm);
        runner.forget(vm);
    }

    @Override
    public void close() {
        watchers.shutdownNow();
    }
}
