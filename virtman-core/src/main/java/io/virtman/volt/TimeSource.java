package io.virtman.volt;

import java.time.Instant;
import java.time.InstantSource;

/** Both clocks, injected: one for records, one for measuring silence. */
public interface TimeSource extends InstantSource {
    /**
     * A count of nanoseconds that no change of the wall clock disturbs; only differences mean
     * something.
     */
    long nanos();

    /** The clocks of this machine. */
    TimeSource SYSTEM =
            new TimeSource() {
                @Override
                public Instant instant() {
                    return InstantSource.system().instant();
                }

                @Override
                public long nanos() {
                    return System.nanoTime();
                }
            };
}
