package io.virtman.cache;

import io.virtman.block.SealedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Which slot holds which chunk of one image: two levels, the second made when first used, so that a
 * look-up costs few loads and no allocation. Safe for many threads.
 *
 * <p>What the index says about images is a hint, their sizes too: the table, whose size follows
 * from the image's, is made only when the image is opened, and until then a slot found costs one
 * list entry whatever it claims.
 */
final class ImageSlots {
    private static final int PAGE = 1024;

    private final SealedImage image;
    private final boolean persistent;
    private final AtomicLong held = new AtomicLong();
    private List<Slot> found = new ArrayList<>(); // guarded by this

    private volatile @Nullable AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Slot>>
            pages; // null until opened

    /**
     * @param persistent whether its slots may be found again after a restart: only content that can
     *     be verified
     */
    ImageSlots(SealedImage image, boolean persistent) {
        this.image = image;
        this.persistent = persistent;
    }

    SealedImage image() {
        return image;
    }

    boolean persistent() {
        return persistent;
    }

    /** Slots that hold a chunk of this image now. */
    long held() {
        return held.get();
    }

    void gained() {
        held.incrementAndGet();
    }

    void lost() {
        held.decrementAndGet();
    }

    /** Takes a slot that was published for this image before it was opened. */
    synchronized void found(Slot slot) {
        found.add(slot);
    }

    /** Makes the table and enters what was found and not evicted since. */
    synchronized ImageSlots open() {
        if (pages == null) {
            pages =
                    new AtomicReferenceArray<>(
                            Math.toIntExact(Math.ceilDiv(Chunks.count(image.size()), PAGE)));
            for (Slot slot : found) {
                long chunk = slot.chunk();
                if (slot.pin(this, chunk)) {
                    enter(chunk, slot); // one that claims a chunk twice is left to eviction
                    slot.unpin();
                }
            }
            found = List.of();
        }
        return this;
    }

    /** The slot said to hold the chunk; it must be pinned before its content is believed. */
    @Nullable Slot get(long chunk) {
        AtomicReferenceArray<@Nullable Slot> page = page(chunk);
        return page == null ? null : page.get((int) (chunk % PAGE));
    }

    /** Enters a slot of an opened image unless the chunk has one. */
    boolean enter(long chunk, Slot slot) {
        return pageToFill(chunk).compareAndSet((int) (chunk % PAGE), null, slot);
    }

    /** Removes a slot's entry, if it is still the one. */
    void remove(long chunk, Slot slot) {
        AtomicReferenceArray<@Nullable Slot> page = page(chunk);
        if (page != null) {
            page.compareAndSet((int) (chunk % PAGE), slot, null);
        }
    }

    private @Nullable AtomicReferenceArray<@Nullable Slot> page(long chunk) {
        var table = pages;
        return table == null ? null : table.get((int) (chunk / PAGE));
    }

    private AtomicReferenceArray<@Nullable Slot> pageToFill(long chunk) {
        AtomicReferenceArray<@Nullable Slot> page = page(chunk);
        if (page != null) {
            return page;
        }
        var table = pages;
        if (table == null) {
            throw new IllegalStateException("slots of an image that is not open");
        }
        var made = new AtomicReferenceArray<@Nullable Slot>(PAGE);
        AtomicReferenceArray<@Nullable Slot> other =
                table.compareAndExchange((int) (chunk / PAGE), null, made);
        return other == null ? made : other;
    }
}
