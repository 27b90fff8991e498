package io.virtman.node;

import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.stack.LayerExports;
import io.virtman.stack.StorageStack;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Disks of VMs offered as files to guests that others start. What was promised is in the journal,
 * and is made again from there after a crash, a reboot or the death of a layer's owner, without
 * asking anybody. Works under the VMs' locks. Safe for many threads.
 */
final class Exports implements Closeable {
    private static final Logger LOGGER = System.getLogger(Exports.class.getName());
    private static final int AT_A_TIME = 8;
    private static final int LONGEST_PAUSE = 60; // seconds
    private static final long CALM = Duration.ofMinutes(1).toNanos();

    private final StorageStack stack;
    private final LayerExports layers;
    private final Attachments attachments;
    private final RecordStore<VmRecord> journal;
    private final KeyedLocks locks;
    private final Map<String, Attempt> attempts = new ConcurrentHashMap<>();
    private final Semaphore turns = new Semaphore(AT_A_TIME);
    private final ExecutorService workers =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("export-", 0).factory());

    /**
     * How making an export went.
     *
     * @param failures in a row
     * @param since {@link System#nanoTime} of the last one's end, or of the success
     * @param reason of the last failure; null after a success
     * @param running whether it is being made
     */
    private record Attempt(int failures, long since, @Nullable String reason, boolean running) {
        static final Attempt NONE = new Attempt(0, System.nanoTime() - CALM, null, false);

        boolean isDue() {
            long pause = Math.min(LONGEST_PAUSE, 1L << Math.min(failures, 6));
            return System.nanoTime() - since >= TimeUnit.SECONDS.toNanos(pause);
        }
    }

    /**
     * @param locks the VMs' locks; {@link #export}, {@link #unexport} and {@link #end} are called
     *     with the VM's held
     */
    Exports(
            StorageStack stack,
            LayerExports layers,
            Attachments attachments,
            RecordStore<VmRecord> journal,
            KeyedLocks locks) {
        this.stack = stack;
        this.layers = layers;
        this.attachments = attachments;
        this.journal = journal;
        this.locks = locks;
        layers.listen((vm, reason) -> {
            if (!workers.isShutdown()) {
                var _ = workers.submit(() -> died(vm, reason));
            }
        });
    }

    /**
     * Makes every export there was, several at a time.
     *
     * @param atMost how long to wait; the rest goes on by itself
     */
    void restore(Duration atMost) {
        List<Future<?>> all = new ArrayList<>();
        for (VmRecord vm : journal.all()) {
            if (wanted(vm)) {
                all.add(workers.submit(() -> retry(vm.name(), Level.ERROR)));
            }
        }
        long deadline = System.nanoTime() + atMost.toNanos();
        try {
            for (Future<?> one : all) {
                one.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            }
        } catch (TimeoutException e) {
            LOGGER.log(Level.WARNING, "not all exports are there after {0}; going on", atMost);
        } catch (ExecutionException e) {
            LOGGER.log(Level.ERROR, "an export failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Tries again, in the background, what is missing and has waited long enough. */
    void retry() {
        for (VmRecord vm : journal.all()) {
            Attempt last = attempts.getOrDefault(vm.name(), Attempt.NONE);
            boolean missing = !(layers.state(vm.name()) instanceof LayerExports.State.Exported);
            if (wanted(vm) && missing && !last.running() && last.isDue()) {
                var _ = workers.submit(() -> retry(vm.name(), Level.DEBUG));
            }
        }
    }

    private static boolean wanted(VmRecord vm) {
        return vm.exported() && vm.state() == VmRecord.State.READY;
    }

    private void retry(String vm, Level level) {
        try (var _ = locks.lock(vm)) {
            Optional<VmRecord> record = journal.get(vm);
            if (record.isPresent() && wanted(record.get())) {
                make(record.get());
            }
        } catch (IOException | RuntimeException e) {
            LOGGER.log(level, "the disk of VM {0} is not exported: {1}", vm, e);
        }
    }

    /** The path must come back by itself: whoever boots the guest again asks nobody. */
    private void died(String vm, String reason) {
        try (var _ = locks.lock(vm)) {
            Optional<VmRecord> record = journal.get(vm);
            if (record.isEmpty()
                    || !wanted(record.get())
                    || !(layers.state(vm) instanceof LayerExports.State.Failed)) {
                return;
            }
            VmRecord interrupted = record.get().interrupted(reason);
            journal.put(vm, interrupted);
            Attempt last = attempts.getOrDefault(vm, Attempt.NONE);
            boolean calm = System.nanoTime() - last.since() >= CALM;
            // one that dies soon after it was made is not made again and again without a pause
            int failures = calm ? 0 : last.failures() + 1;
            attempts.put(vm, new Attempt(failures, System.nanoTime(), reason, false));
            if (failures <= 1) {
                make(interrupted);
            }
        } catch (IOException | RuntimeException e) {
            LOGGER.log(Level.ERROR, "the disk of VM {0} is not exported again: {1}", vm, e);
        }
    }

    private void make(VmRecord vm) throws IOException {
        int failures = attempts.getOrDefault(vm.name(), Attempt.NONE).failures();
        attempts.put(vm.name(), new Attempt(failures, System.nanoTime(), null, true));
        try {
            turns.acquire();
            try {
                String image = vm.image();
                if (image != null) {
                    attachments.attach(image);
                }
                layers.start(vm.name(), stack.layer(vm.name()));
            } finally {
                turns.release();
            }
            attempts.put(vm.name(), new Attempt(failures, System.nanoTime(), null, false));
        } catch (IOException | RuntimeException e) {
            String reason = e.getMessage() == null ? e.toString() : e.getMessage();
            attempts.put(vm.name(), new Attempt(failures + 1, System.nanoTime(), reason, false));
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            attempts.put(vm.name(), new Attempt(failures, System.nanoTime(), null, false));
            throw new IOException("the node stops", e);
        }
    }

    /**
     * Exports a VM's disk, or acknowledges that its export was interrupted.
     *
     * @return its record from now on
     */
    VmRecord export(VmRecord vm) throws IOException {
        VmRecord exported = vm.exported(true);
        if (!exported.equals(vm)) {
            journal.put(vm.name(), exported);
        }
        attempts.remove(vm.name());
        try {
            make(exported);
        } catch (IOException | RuntimeException e) {
            if (!vm.exported()) {
                try {
                    unexport(exported);
                } catch (IOException | RuntimeException further) {
                    e.addSuppressed(further);
                }
            }
            throw e;
        }
        return exported;
    }

    /** Ends an export if there is one; the layer stays. */
    VmRecord unexport(VmRecord vm) throws IOException {
        end(vm.name());
        if (vm.exported()) {
            journal.put(vm.name(), vm.exported(false));
        }
        return vm.exported(false);
    }

    /** Ends an export if there is one, and leaves the record alone. */
    void end(String vm) throws IOException {
        layers.stop(Names.require("vm", vm));
        attempts.remove(vm);
    }

    /** Refuses what can't be done to a disk that others may have open. */
    static void requireNotExported(VmRecord vm) {
        if (vm.exported()) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "vm",
                    "the disk of " + vm.name() + " is exported",
                    "end its export first");
        }
    }

    VmView.@Nullable ExportView view(VmRecord vm) {
        if (!vm.exported()) {
            return null;
        }
        Attempt attempt = attempts.getOrDefault(vm.name(), Attempt.NONE);
        String path = layers.path(vm.name()).toString();
        return switch (layers.state(vm.name())) {
            case LayerExports.State.Exported _ ->
                    new VmView.ExportView(
                            vm.interrupted() == null ? ExportState.EXPORTED : ExportState.RESTARTED,
                            path,
                            vm.interrupted());
            case LayerExports.State.Failed failed ->
                    new VmView.ExportView(
                            ExportState.FAILED,
                            path,
                            attempt.reason() == null ? failed.reason() : attempt.reason());
            case LayerExports.State.Absent _ ->
                    new VmView.ExportView(
                            attempt.reason() == null ? ExportState.STARTING : ExportState.FAILED,
                            path,
                            attempt.reason());
        };
    }

    /** Stops watching; what is exported stays. */
    @Override
    public void close() {
        workers.shutdownNow();
    }
}
