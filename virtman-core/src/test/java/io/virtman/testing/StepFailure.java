package io.virtman.testing;

import java.util.ArrayList;
import java.util.List;

/**
 * Kills the caller at a chosen step: an error that no code catches to mend things, as if the
 * process had ended there. From then on every step fails, since the dead do nothing.
 */
public final class StepFailure {
    /** The kill. */
    public static final class Killed extends Error {
        private static final long serialVersionUID = 1L;

        Killed(String step) {
            super("killed at " + step);
        }
    }

    private final int last;
    private final List<String> seen = new ArrayList<>();

    private StepFailure(int last) {
        this.last = last;
    }

    /** Lets this many steps happen. */
    public static StepFailure after(int steps) {
        return new StepFailure(steps);
    }

    /** Lets everything happen. */
    public static StepFailure never() {
        return new StepFailure(Integer.MAX_VALUE);
    }

    /** A step begins. */
    public synchronized void step(String name) {
        if (seen.size() >= last) {
            throw new Killed(name);
        }
        seen.add(name);
    }

    /** The steps so far. */
    public synchronized List<String> seen() {
        return List.copyOf(seen);
    }
}
