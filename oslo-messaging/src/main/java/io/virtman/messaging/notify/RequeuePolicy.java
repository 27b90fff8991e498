package io.virtman.messaging.notify;

import java.time.Duration;

/**
 * How often a notification is tried, and how long is waited in between: twice as long each time, up
 * to the longest. oslo.messaging requeues at once and for ever, so that one bad notification keeps
 * a listener and the broker busy; a pause also lets a database come back that was down.
 *
 * @param attempts at least 1; the last failed one drops the notification
 * @param first pause, at least zero
 * @param longest pause, at least zero
 */
public record RequeuePolicy(int attempts, Duration first, Duration longest) {
    /** Ten attempts in about three minutes. */
    public static final RequeuePolicy STANDARD =
            new RequeuePolicy(10, Duration.ofSeconds(1), Duration.ofSeconds(30));

    /** One attempt, as with {@code allow_requeue=False}, which is the default of oslo.messaging. */
    public static final RequeuePolicy NEVER = new RequeuePolicy(1, Duration.ZERO, Duration.ZERO);

    /** Checks the ranges. */
    public RequeuePolicy {
        if (attempts < 1 || first.isNegative() || longest.isNegative()) {
            throw new IllegalArgumentException(
                    attempts + " attempts, pauses " + first + " to " + longest);
        }
    }

    /** The pause after so many attempts. */
    Duration pause(int made) {
        Duration pause = first;
        for (int i = 1; i < made && pause.compareTo(longest) < 0; i++) {
            pause = pause.multipliedBy(2);
        }
        return pause.compareTo(longest) < 0 ? pause : longest;
    }
}
