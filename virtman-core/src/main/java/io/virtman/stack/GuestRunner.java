package io.virtman.stack;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs guests that outlive this service and are found again after its restart. Safe for many
 * threads.
 */
public interface GuestRunner {
    /**
     * How to start a guest.
     *
     * @param vm name, already checked
     * @param disk its layer
     * @param kernel booted directly, or null to boot from the disk
     */
    record Start(
            String vm,
            Path disk,
            int memoryMebibytes,
            @Nullable Path kernel,
            @Nullable Path initrd,
            @Nullable String commandLine) {}

    /**
     * A guest that was started.
     *
     * @param running whether its process lives
     * @param console log of its serial console
     */
    record Guest(boolean running, long processId, Path console) {}

    /** Starts a guest, or answers the one that runs. */
    Guest start(Start start) throws IOException;

    /** The guest last started under this name. */
    Optional<Guest> find(String vm) throws IOException;

    /** Ends a guest's process, and returns when it is gone; does nothing when there is none. */
    void stop(String vm) throws IOException;

    /** Removes what a stopped guest left (console, process file). */
    void forget(String vm) throws IOException;

    /**
     * Waits for a line on a guest's console that begins with {@code prefix}, and returns it.
     *
     * @throws io.virtman.problem.ProblemException UNAVAILABLE when it does not come in time, FAILED
     *     when the guest ended without it; both show the end of the console
     */
    String awaitLine(String vm, String prefix, Duration atMost) throws IOException;

    /** What guests run on: {@code kvm}, {@code tcg}, or {@code unknown} before the first start. */
    String accelerator();
}
