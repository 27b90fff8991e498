package io.virtman.block;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where a miss is fetched from: one or several senders of the same bytes, none of them trusted.
 * Safe for use by many threads at once.
 */
public interface Upstream {
    /** Decides whether fetched bytes are the right ones. Pure: it waits for nothing. */
    @FunctionalInterface
    interface Check {
        /** Whether the remaining bytes are right; leaves the position alone. */
        boolean accepts(ByteBuffer bytes);

        /** For content that cannot be checked because its sender is trusted. */
        Check TRUSTED = _ -> true;
    }

    /**
     * Fills {@code target} with bytes from {@code offset} on that {@code check} accepts, from
     * whichever sender gives them. A sender whose bytes are refused is charged with it.
     *
     * @throws IOException when no sender has them; it names the senders tried
     */
    void fetch(long offset, ByteBuffer target, Check check) throws IOException;
}
