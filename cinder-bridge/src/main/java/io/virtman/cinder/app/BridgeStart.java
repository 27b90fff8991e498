package io.virtman.cinder.app;

import io.virtman.bridge.config.BridgeConfiguration;
import java.io.Closeable;
import java.io.IOException;

/** Starts the bridge; the seam between its command and its parts. */
@FunctionalInterface
public interface BridgeStart {
    /**
     * Starts it; returns when it takes requests, or waits in standby for the lease.
     *
     * @return what stops it in order
     * @throws IOException when it can't start
     * @throws InterruptedException when it shall stop before it has started
     */
    Closeable start(BridgeConfiguration configuration) throws IOException, InterruptedException;
}
