package io.virtman.messaging.rabbit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How a message longer than the maximum is got rid of.
 *
 * <p>A client that receives one that is too long closes the connection; the broker then delivers it
 * again, for ever. So after that the next connection takes messages of any length that RabbitMQ
 * allows, but one at a time, besides those that were being worked on. The message is handed over
 * like any other: who gets it can look at what it needs and reject it. Some time after the last
 * such message was settled, or when none came, the connection is closed and made anew as before.
 *
 * <pre>
 *  Normal --connection lost: too long--> Sifting --quiet--> Draining --reconnected--> Normal
 * </pre>
 *
 * Draining hands over no more and waits for what is unsettled, so that nothing is delivered twice.
 * On the thread of the supervisor unless said otherwise.
 */
final class Sifting {
    private static final System.Logger LOG = System.getLogger(Sifting.class.getName());
    private static final Duration QUIET = Duration.ofSeconds(2);
    private static final Duration NO_SHOW = Duration.ofSeconds(30);
    private static final Duration STEP = Duration.ofMillis(20);
    private static final int STEPS = 250;

    private enum State {
        NORMAL,
        SIFTING,
        DRAINING
    }

    private final int maximumBody;
    private final Receiving receiving;
    private volatile State state = State.NORMAL;
    private final AtomicLong generation = new AtomicLong();

    Sifting(int maximumBody, Receiving receiving) {
        this.maximumBody = maximumBody;
        this.receiving = receiving;
    }

    /** What the next connection is to take. */
    int limit() {
        return state == State.NORMAL ? maximumBody : RabbitSettings.LARGEST_BODY;
    }

    /**
     * How many deliveries of a subscription may be unsettled: while sifting one more than were when
     * the connection was lost. Those come again and may be worked on for long; the one that is too
     * long must not have to wait for them.
     */
    int bound(int wanted, int carried) {
        return state == State.NORMAL ? wanted : Math.min(wanted, carried + 1);
    }

    /** The connection was lost because of a message that is too long. */
    void begin() {
        LOG.log(
                System.Logger.Level.WARNING,
                "a message is longer than {0} bytes: taking one message at a time until it is gone",
                Integer.toString(maximumBody));
        state = State.SIFTING;
        endAfter(NO_SHOW);
    }

    /** The connection was lost because of something else. */
    void interrupted() {
        if (state == State.SIFTING) {
            endAfter(NO_SHOW);
        }
    }

    /** Whether a message is to be handed over. Any thread. */
    boolean handsOver(int length) {
        if (length > maximumBody) {
            receiving.counters().oversized.increment();
            generation.incrementAndGet();
        }
        return state != State.DRAINING;
    }

    /** A message was settled. Any thread. */
    void settled(int length) {
        if (length > maximumBody) {
            receiving.execute(() -> endAfter(QUIET), Duration.ZERO);
        }
    }

    private void endAfter(Duration pause) {
        long expected = generation.incrementAndGet();
        receiving.execute(
                () -> {
                    if (generation.get() == expected && state == State.SIFTING) {
                        state = State.DRAINING;
                        drain(STEPS);
                    }
                },
                pause);
    }

    private void drain(int steps) {
        if (steps > 0 && receiving.unsettled() > 0) {
            receiving.execute(() -> drain(steps - 1), STEP);
        } else {
            state = State.NORMAL;
            receiving.reconnect();
        }
    }
}
