package io.virtman.messaging.rabbit;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Bounds how many messages, and how many bytes of them, wait for their confirm. Any thread. */
final class Room {
    private static final int UNIT = 1024;

    private final int capacity;
    private final int units;
    private final Semaphore messages;
    private final Semaphore memory;

    Room(int messages, int bytes) {
        this.capacity = messages;
        this.units = Math.max(1, bytes / UNIT);
        this.messages = new Semaphore(messages);
        this.memory = new Semaphore(units);
    }

    /** What a message of that many bytes takes: never more than there is. */
    int cost(int bytes) {
        return Math.min(units, 1 + bytes / UNIT);
    }

    /** Waits for room until then; false if there was none. */
    boolean enter(int cost, long deadline) throws InterruptedException {
        if (!messages.tryAcquire()
                && !messages.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            return false;
        }
        boolean entered = false;
        try {
            entered =
                    memory.tryAcquire(cost)
                            || memory.tryAcquire(
                                    cost, deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } finally {
            if (!entered) {
                messages.release();
            }
        }
        return entered;
    }

    void leave(int cost) {
        memory.release(cost);
        messages.release();
    }

    int used() {
        return capacity - messages.availablePermits();
    }
}
