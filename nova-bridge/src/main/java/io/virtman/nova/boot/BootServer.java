package io.virtman.nova.boot;

import java.time.Instant;

/**
 * One server of a boot.
 *
 * @param id Nova's
 * @param batch the number of its batch
 * @param state as Nova and we have it
 * @param since when it was first seen, by the clock of {@link Batch#sentAt}
 */
public record BootServer(String id, int batch, State state, Instant since) {
    /** What is known of a server. */
    public enum State {
        /** Nova is at work on it. */
        BUILDING(true),
        /** It runs; for good, as far as the boot is concerned. */
        ACTIVE(true),
        /** Nova has given it up, or it took too long. */
        FAILED(false),
        /** We have decided that it shall go. */
        DELETING(false),
        /** It is not there any more. */
        GONE(false);

        private final boolean wanted;

        State(boolean wanted) {
            this.wanted = wanted;
        }

        /** Whether it is one of those that were asked for, or may become one. */
        public boolean isWanted() {
            return wanted;
        }
    }

    /** The same in another state. */
    public BootServer in(State now) {
        return new BootServer(id, batch, now, since);
    }
}
