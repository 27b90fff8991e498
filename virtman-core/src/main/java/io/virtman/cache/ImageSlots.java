package io.virtman.cache;

import io.virtman.block.SealedImage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Which slot holds which chunk of one image: two levels, the second made when first used, so that a
 * look-up costs two loads and no allocation. Safe for many threads.
 */
final class ImageSlots {
    private static final int PAGE = 1024;

    private final SealedImage image;
    private final boolean persistent;
    private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Slot>> pages;
    private final AtomicLong held = new AtomicLong();

    /**
     * @param persistent whether its slots may be found again after a restart: only content that can
     *     be verified
     */
    ImageSlots(SealedImage image, boolean persistent) {
        this.image = image;
        this.persistent = persistent;
        this.pages =
                new AtomicReferenceArray<>(
                        Math.toIntExact(Math.ceilDiv(Chunks.count(image.size()), PAGE)));
    }

    SealedImage image() {
        return image;
    }

    boolean persistent() {
        return persistent;
    }

    /** Chunks held now. */
    long held() {
        return held.get();
    }

    /** The slot said to hold the chunk; it must be pinned before its content is believed. */
    @Nullable Slot get(long chunk) {
        AtomicReferenceArray<@Nullable Slot> page = pages.get((int) (chunk / PAGE));
        return page == null ? null : page.get((int) (chunk % PAGE));
    }

    /** Enters a slot unless the chunk has one. */
    boolean enter(long chunk, Slot slot) {
        boolean entered = page(chunk).compareAndSet((int) (chunk % PAGE), null, slot);
        if (entered) {
            held.incrementAndGet();
        }
        return entered;
    }

    /** Removes a slot's entry, if it is still the one. */
    void remove(long chunk, Slot slot) {
        if (page(chunk).compareAndSet((int) (chunk % PAGE), slot, null)) {
            held.decrementAndGet();
        }
    }

    private AtomicReferenceArray<@Nullable Slot> page(long chunk) {
        int number = (int) (chunk / PAGE);
        AtomicReferenceArray<@Nullable Slot> page = pages.get(number);
        if (page != null) {
            return page;
        }
        var made = new AtomicReferenceArray<@Nullable Slot>(PAGE);
        AtomicReferenceArray<@Nullable Slot> other = pages.compareAndExchange(number, null, made);
        return other == null ? made : other;
    }
}
