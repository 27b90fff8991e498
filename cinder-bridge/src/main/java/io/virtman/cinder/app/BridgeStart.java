package io.virtman.cinder.app;

import io.virtman.cinder.config.BridgeConfiguration;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.Closeable;
import java.io.IOException;

/** Starts the bridge; the seam between its command and its parts. */
@FunctionalInterface
public interface BridgeStart {
    /** Of a program without the service. */
    BridgeStart ABSENT =
            _ -> {
                throw new ProblemException(
                        Kind.FAILED,
                        "cinder",
                        "this program was built without the bridge's service",
                        "use a release that has it; 'virtman cinder --check' and 'virtman doctor'"
                                + " work");
            };

    /**
     * Starts it; returns when it takes requests, or waits in standby for the lease.
     *
     * @return what stops it in order
     * @throws IOException when it can't start
     * @throws InterruptedException when it shall stop before it has started
     */
    Closeable start(BridgeConfiguration configuration) throws IOException, InterruptedException;
}
