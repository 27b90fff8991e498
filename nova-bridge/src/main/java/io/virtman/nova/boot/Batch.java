package io.virtman.nova.boot;

import java.time.Instant;

/**
 * Servers that are asked for by one request to Nova, which is sent once and never repeated: what
 * becomes of it is found by the number, which all its servers carry in their metadata. What has to
 * be asked for again gets another number.
 *
 * @param number within the boot, from 1 on
 * @param size servers, 1 or more
 * @param state what is known of it
 * @param sentAt before it was sent, by the database's clock
 */
public record Batch(int number, int size, State state, Instant sentAt) {
    /** What is known of a batch. */
    public enum State {
        /** It was sent, or is about to be: its servers are there, or may still come. */
        SENT,
        /** Its servers are those that have been seen, all or none or some of them. */
        SETTLED,
        /** Nova has said no: there are no servers of it, and there will be none. */
        REFUSED
    }

    /** Checks ranges. */
    public Batch {
        if (number < 1 || size < 1) {
            throw new IllegalArgumentException("batch " + number + " of " + size);
        }
    }

    /** The same in another state. */
    public Batch in(State now) {
        return new Batch(number, size, now, sentAt);
    }
}
