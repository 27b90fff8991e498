package io.virtman.node;

import io.virtman.remote.RemoteImport;
import java.time.Duration;

/** An import from a server with the thread that works on it. */
record RunningImport(RemoteRecord record, RemoteImport source, Thread thread) {
    private static final Duration END = Duration.ofSeconds(30);

    /** Ends the work and waits for its end, unless it is the calling thread's. */
    void end() {
        thread.interrupt();
        try {
            if (thread != Thread.currentThread()) {
                thread.join(END);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    ImportProgress progress() {
        return new ImportProgress(
                record.id(), source.bytesHere(), record.length(), source.waiting());
    }
}
