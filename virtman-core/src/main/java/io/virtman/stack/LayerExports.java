package io.virtman.stack;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Layers offered as files on this host, for guests that others start. What owns an exported layer
 * outlives this service and is found again after its restart. Calls for one VM come one at a time;
 * different VMs are independent. Safe for many threads.
 */
public interface LayerExports {
    /**
     * A VM's export as this service last saw it.
     *
     * <pre>
     *   ABSENT --start--> EXPORTED --stop--> ABSENT
     *                        |                 ^
     *                 its owner dies          stop
     *                        v                 |
     *                     FAILED --------------'
     *                        '-----start--> EXPORTED
     * </pre>
     */
    sealed interface State {
        /** There is none. */
        record Absent() implements State {}

        /**
         * The file can be opened.
         *
         * @param processId of the layer's owner
         */
        record Exported(long processId) implements State {}

        /**
         * The owner is dead; whoever has the file open gets I/O errors.
         *
         * @param reason for people
         */
        record Failed(String reason) implements State {}
    }

    /** Told when a layer's owner has died unasked. */
    @FunctionalInterface
    interface Listener {
        /**
         * On a thread that must not wait.
         *
         * @param reason for people
         */
        void died(String vm, String reason);
    }

    /** Who is told of deaths from now on; until then nobody is. */
    void listen(Listener listener);

    /**
     * Exports a layer, or answers the export that works. Returns when the file can be opened.
     *
     * @param layer nobody else has it open
     * @return the file; always the same for a VM
     */
    Path start(String vm, Path layer) throws IOException;

    /**
     * Ends an export: flushes the layer, lets go of it and removes the file. Does nothing when
     * there is none. Whoever still has the file open gets I/O errors.
     *
     * @throws io.virtman.problem.ProblemException FAILED when the owner survives even a kill
     */
    void stop(String vm) throws IOException;

    /** The path {@link #start} gave or would give. */
    Path path(String vm);

    /** Asks nobody, so it never waits. */
    State state(String vm);
}
