package io.virtman.app.export;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What was opened so far, closed in reverse order: whatever step of a start fails, nothing stays
 * behind. For one thread.
 */
public final class Resources implements Closeable {
    private static final Logger LOGGER = System.getLogger(Resources.class.getName());

    private final Deque<Closeable> open = new ArrayDeque<>();

    /** Takes the resource over and returns it. */
    public <T extends Closeable> T add(T resource) {
        open.push(resource);
        return resource;
    }

    /** Closes everything, even in an interrupted thread; what can't be closed is logged. */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted(); // else waiting for threads would fail
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (IOException | RuntimeException e) {
                LOGGER.log(Level.WARNING, "the export did not end cleanly: {0}", e.toString());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
