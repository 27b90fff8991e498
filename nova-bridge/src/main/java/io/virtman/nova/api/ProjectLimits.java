package io.virtman.nova.api;

import io.virtman.nova.boot.BootOrder;
import io.virtman.nova.database.Boots;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.time.Duration;

/**
 * What one project may ask for, besides its quota.
 *
 * @param boots at a time
 * @param servers that these may want in all
 * @param lasts after which a boot is given up
 * @param retries for each ten servers, how many more may be asked for in place of failed ones
 */
public record ProjectLimits(int boots, int servers, Duration lasts, int retries) {
    private static final int TEN = 10;
    private static final int LEAST_RETRIES = 3;

    /**
     * @throws ProblemException when it would be too much
     */
    void require(Boots.Load load, BootOrder order) {
        if (load.boots() >= boots) {
            throw new ProblemException(
                    Kind.FORBIDDEN,
                    "count",
                    "the project has " + load.boots() + " boots under way, the limit",
                    "wait for one of them, or cancel it");
        }
        if (load.servers() + order.count() > servers) {
            throw new ProblemException(
                    Kind.FORBIDDEN,
                    "count",
                    "the project's boots under way would want "
                            + (load.servers() + order.count())
                            + " servers, "
                            + servers
                            + " are the limit",
                    "ask for fewer, or wait");
        }
    }

    /** Servers that may be asked for in all to have so many. */
    int attempts(int count) {
        return count + (retries == 0 ? 0 : Math.max(LEAST_RETRIES, count * retries / TEN));
    }
}
