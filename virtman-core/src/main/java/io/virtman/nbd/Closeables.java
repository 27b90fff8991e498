package io.virtman.nbd;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger.Level;

/** Closing on paths where nobody could do anything about a failure. */
final class Closeables {
    private static final System.Logger LOG = System.getLogger(Closeables.class.getName());

    private Closeables() {}

    static void close(Closeable target) {
        try {
            target.close();
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "closing failed", e);
        }
    }
}
