package io.virtman.app;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.time.Duration;

/** Checks of times on the command line. */
final class Intervals {
    private static final int SHORTEST_HEARTBEAT = 100;
    private static final int LONGEST_HEARTBEAT = 60_000;

    private Intervals() {}

    static Duration heartbeat(int millis) {
        if (millis < SHORTEST_HEARTBEAT || millis > LONGEST_HEARTBEAT) {
            throw new ProblemException(
                    Kind.INVALID,
                    "--heartbeat-millis",
                    millis + " is out of range",
                    "give from 100 to 60000");
        }
        return Duration.ofMillis(millis);
    }
}
