package io.virtman.nova.app;

import io.virtman.bridge.config.NovaConfiguration;
import java.io.Closeable;
import java.io.IOException;

/** Starts the service; the seam between its command and its parts. */
@FunctionalInterface
public interface NovaStart {
    /**
     * Starts it; returns when it answers requests.
     *
     * @return what stops it in order
     * @throws IOException when it can't start
     * @throws InterruptedException when it shall stop before it has started
     */
    Closeable start(NovaConfiguration configuration) throws IOException, InterruptedException;
}
