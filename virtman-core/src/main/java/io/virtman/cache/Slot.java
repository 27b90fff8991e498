package io.virtman.cache;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One slot of the medium: room for one chunk. A reader pins it while it copies, so that eviction
 * never overwrites bytes on their way to a socket.
 *
 * <pre>
 *   FREE --claim--> RESERVED --publish--> HELD (pins 0..n) --claim (0) or claimPinned (1)--> RESERVED ...
 * </pre>
 *
 * Owner and chunk change only while RESERVED, hence are stable for whoever holds a pin. Safe for
 * many threads.
 */
final class Slot {
    private static final int RESERVED = -1;
    private static final byte MOST_USES = 3;

    private final int number;
    private final AtomicInteger pins = new AtomicInteger(RESERVED);
    private volatile @Nullable ImageSlots owner;
    private volatile long chunk;
    private volatile boolean proven;
    private byte uses; // plain, as is readTo: lost updates only blur a statistic
    private int readTo;

    /** A slot begins RESERVED: whoever makes it fills and publishes it. */
    Slot(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    /** Whether its content was verified, on its way in or on first use after a restart. */
    boolean proven() {
        return proven;
    }

    void prove() {
        proven = true;
    }

    /** The image it holds a chunk of; null when it holds none. */
    @Nullable ImageSlots owner() {
        return owner;
    }

    long chunk() {
        return chunk;
    }

    /** Pins it if it holds this chunk; the caller then must {@link #unpin}. */
    boolean pin(ImageSlots image, long wanted) {
        for (int now = pins.get(); now >= 0; now = pins.get()) {
            if (pins.compareAndSet(now, now + 1)) {
                if (owner == image && chunk == wanted) {
                    return true;
                }
                unpin();
                return false;
            }
        }
        return false;
    }

    void unpin() {
        pins.decrementAndGet();
    }

    /** Takes it for new content when nobody reads it. */
    boolean claim() {
        return pins.compareAndSet(0, RESERVED);
    }

    /**
     * Turns the caller's pin into a reservation if it is the only pin. To unpin and claim in two
     * steps would not do: between them others may evict the slot, and the claim would then take
     * their new content.
     */
    boolean claimPinned() {
        return pins.compareAndSet(1, RESERVED);
    }

    /** Ends the reservation of an empty slot: from here on it holds the chunk. */
    void publish(ImageSlots image, long held, boolean verified) {
        owner = image;
        chunk = held;
        proven = verified;
        uses = 0;
        readTo = 0;
        image.gained();
        pins.set(0);
    }

    /** Forgets the content of a reserved slot. */
    void empty() {
        ImageSlots before = owner;
        if (before != null) {
            owner = null;
            proven = false;
            before.lost();
        }
    }

    /**
     * Notes a read of a part of the chunk. A pass from its beginning to its end is one use, however
     * many reads it takes: guests read 64 KiB in up to sixteen steps, and a scan must not look like
     * sixteen uses.
     */
    void used(int from, int to) {
        if (from < readTo && uses < MOST_USES) {
            uses++;
        }
        readTo = to;
    }

    /** Ages it by one turn of the clock hand; true when it has not been used lately. */
    boolean age() {
        if (uses > 0) {
            uses--;
            return false;
        }
        return true;
    }
}
