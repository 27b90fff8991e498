package io.virtman.cache;

import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Gives out slots: fresh ones first, then freed ones, then the victim of a clock with a two-bit
 * count of uses. A chunk read once is evicted before one read again, which keeps a scan from
 * flushing what boots share. Pure bookkeeping under one short lock; safe for many threads.
 */
final class SlotClock {
    private static final int TURNS = 4; // enough to age the most used slot to zero

    private final ReentrantLock lock = new ReentrantLock();
    private final @Nullable Slot[] slots;
    private final ArrayDeque<Slot> free = new ArrayDeque<>();
    private int made;
    private int hand;

    SlotClock(int capacity) {
        this.slots = new Slot[capacity];
    }

    int capacity() {
        return slots.length;
    }

    /**
     * Makes the slot of a number known from the last run; its caller publishes or frees it. Only
     * before any claim.
     */
    Slot restore(int number) {
        while (made <= number) {
            slots[made] = new Slot(made);
            made++;
            if (made <= number) {
                free.add(Objects.requireNonNull(slots[made - 1]));
            }
        }
        return Objects.requireNonNull(slots[number]);
    }

    /**
     * A reserved slot for new content; null when every slot is being read. Its old content is the
     * caller's to forget.
     */
    @Nullable Slot claim() {
        lock.lock();
        try {
            Slot freed = free.poll();
            if (freed != null) {
                return freed;
            }
            if (made < slots.length) {
                Slot fresh = new Slot(made);
                slots[made++] = fresh;
                return fresh;
            }
            for (long step = 0; step < (long) TURNS * slots.length; step++) {
                Slot slot = slots[hand];
                hand = (hand + 1) % slots.length;
                if (slot != null && slot.age() && slot.claim()) {
                    return slot;
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Takes back a reserved slot. */
    void free(Slot slot) {
        lock.lock();
        try {
            free.add(slot);
        } finally {
            lock.unlock();
        }
    }
}
