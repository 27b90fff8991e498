package io.virtman.cache;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
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
    private final int capacity;
    private final List<Slot> slots = new ArrayList<>(); // grows to capacity as slots are needed
    private final ArrayDeque<Slot> free = new ArrayDeque<>();
    private int hand;

    SlotClock(int capacity) {
        this.capacity = capacity;
    }

    int capacity() {
        return capacity;
    }

    /**
     * Makes the slot of a number known from the last run; its caller publishes or frees it. Only
     * before any claim, and with growing numbers.
     */
    Slot restore(int number) {
        while (slots.size() < number) {
            free.add(make());
        }
        return make();
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
            if (slots.size() < capacity) {
                return make();
            }
            for (long step = 0; step < (long) TURNS * capacity; step++) {
                Slot slot = slots.get(hand);
                hand = (hand + 1) % capacity;
                if (slot.age() && slot.claim()) {
                    return slot;
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private Slot make() {
        Slot slot = new Slot(slots.size());
        slots.add(slot);
        return slot;
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
