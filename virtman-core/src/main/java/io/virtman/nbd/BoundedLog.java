package io.virtman.nbd;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A logger for what clients can cause at will: a WARNING at most every 10 seconds, DEBUG between.
 */
final class BoundedLog {
    private static final long INTERVAL = Duration.ofSeconds(10).toNanos();

    private final Logger logger;
    private final AtomicLong next = new AtomicLong(System.nanoTime());

    BoundedLog(Class<?> owner) {
        this.logger = System.getLogger(owner.getName());
    }

    /** Logs {@code message}; the stack trace only at DEBUG. */
    void warn(String message, Throwable cause) {
        long now = System.nanoTime();
        long allowed = next.get();
        if (now - allowed >= 0 && next.compareAndSet(allowed, now + INTERVAL)) {
            logger.log(Level.WARNING, message + ": " + cause);
        }
        logger.log(Level.DEBUG, message, cause);
    }

    void debug(String message, Throwable cause) {
        logger.log(Level.DEBUG, message, cause);
    }
}
