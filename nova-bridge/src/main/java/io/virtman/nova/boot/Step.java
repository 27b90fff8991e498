package io.virtman.nova.boot;

import java.util.List;

/** One thing to be done for a boot. */
public sealed interface Step {
    /**
     * Ask Nova for servers, as a batch with the next number.
     *
     * @param size 1 or more
     */
    record Send(int size) implements Step {}

    /**
     * Delete servers.
     *
     * @param ids one or more
     */
    record Delete(List<String> ids) implements Step {
        /** Copies the list. */
        public Delete {
            ids = List.copyOf(ids);
        }
    }

    /**
     * Go over into another state.
     *
     * @param state may be the last
     */
    record Enter(BootState state) implements Step {}
}
