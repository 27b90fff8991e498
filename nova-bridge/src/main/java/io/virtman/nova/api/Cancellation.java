package io.virtman.nova.api;

import io.virtman.nova.boot.BootState;
import java.util.List;

/** What cancelling may change. Who wanted to keep servers may still want them deleted. */
final class Cancellation {
    private Cancellation() {}

    /** The states that this one may follow. */
    static List<BootState> possibleFrom(BootState wanted) {
        return wanted == BootState.CLEARING
                ? List.of(BootState.RUNNING, BootState.CANCELLING)
                : List.of(BootState.RUNNING);
    }

    /** Whether a boot in this state is as good as cancelled in that way. */
    static boolean isDone(BootState state, BootState wanted) {
        return state == wanted || state == BootState.CLEARING || state == BootState.CANCELLED;
    }
}
