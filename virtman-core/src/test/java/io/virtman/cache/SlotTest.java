package io.virtman.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.testing.TestImage;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlotTest {
    private static final int CHUNKS = 40;

    @TempDir Path directory;

    private TestImage image() throws Exception {
        return TestImage.random(directory.resolve("image"), CHUNKS * Chunks.BYTES, 1);
    }

    @Test
    void aPinnedSlotIsNotEvicted() throws Exception {
        try (CacheScene scene = new CacheScene(image(), directory.resolve("cache"), 2)) {
            scene.readChunk(0);
            ImageSlots slots = scene.group.slots(scene.image.sealed(), true);
            Slot pinned = Objects.requireNonNull(CacheGroup.find(slots, 0));
            for (int chunk = 1; chunk < CHUNKS; chunk++) {
                scene.readChunk(chunk);
            }
            ByteBuffer bytes = ByteBuffer.allocate(Chunks.BYTES);
            assertThat(scene.group.read(pinned, 0, bytes)).isTrue();
            assertThat(bytes.array()).isEqualTo(scene.image.bytes(0, Chunks.BYTES));
            pinned.unpin();
        }
    }

    /** With every slot pinned reads go on past the cache, and no slot is lost. */
    @Test
    void readsGoOnWhileAllSlotsArePinned() throws Exception {
        try (CacheScene scene = new CacheScene(image(), directory.resolve("cache"), 3)) {
            ImageSlots slots = scene.group.slots(scene.image.sealed(), true);
            List<Slot> pinned = new ArrayList<>();
            for (int chunk = 0; chunk < 3; chunk++) {
                scene.readChunk(chunk);
                pinned.add(Objects.requireNonNull(CacheGroup.find(slots, chunk)));
            }
            for (int chunk = 0; chunk < CHUNKS; chunk++) {
                scene.readChunk(chunk);
            }
            assertThat(scene.group.usedBytes()).isEqualTo(3 * Chunks.BYTES);
            pinned.forEach(Slot::unpin);
            scene.readChunk(30);
            assertThat(CacheGroup.find(slots, 30)).isNotNull();
        }
    }

    /** Whoever holds the last pin frees the slot; before that it can only not be found. */
    @Test
    void aDiscardedSlotIsFreedByItsLastReader() throws Exception {
        try (CacheScene scene = new CacheScene(image(), directory.resolve("cache"), 1)) {
            ImageSlots slots = scene.group.slots(scene.image.sealed(), true);
            scene.readChunk(0);
            Slot one = Objects.requireNonNull(CacheGroup.find(slots, 0));
            Slot other = Objects.requireNonNull(CacheGroup.find(slots, 0));
            scene.group.discard(slots, 0, one);
            assertThat(CacheGroup.find(slots, 0)).isNull();
            assertThat(other.owner()).isSameAs(slots);
            scene.group.discard(slots, 0, other);
            assertThat(other.owner()).isNull();
            assertThat(scene.group.usedBytes()).isZero();
            for (int chunk = 0; chunk < 3; chunk++) {
                scene.readChunk(chunk);
                assertThat(slots.get(chunk)).isSameAs(one);
            }
            assertThat(scene.group.usedBytes()).isEqualTo(Chunks.BYTES);
        }
    }

    /** A reader that still has a pin while another one discards leaves the slot to eviction. */
    @Test
    void aSlotDiscardedWhileReadIsReusedLater() throws Exception {
        try (CacheScene scene = new CacheScene(image(), directory.resolve("cache"), 1)) {
            ImageSlots slots = scene.group.slots(scene.image.sealed(), true);
            scene.readChunk(0);
            Slot one = Objects.requireNonNull(CacheGroup.find(slots, 0));
            Slot other = Objects.requireNonNull(CacheGroup.find(slots, 0));
            scene.group.discard(slots, 0, one);
            scene.readChunk(1);
            assertThat(slots.get(1)).as("still read").isNull();
            other.unpin();
            scene.readChunk(0);
            scene.readChunk(1);
            assertThat(slots.get(0)).as("evicted, with no entry left behind").isNull();
            assertThat(slots.get(1)).isSameAs(one);
        }
    }

    /** A claim of a slot that was discarded and filled again must not take the new content. */
    @Test
    void onlyTheHolderOfTheOnlyPinMayReserve() throws Exception {
        try (CacheScene scene = new CacheScene(image(), directory.resolve("cache"), 1)) {
            ImageSlots slots = scene.group.slots(scene.image.sealed(), true);
            scene.readChunk(0);
            Slot slot = Objects.requireNonNull(CacheGroup.find(slots, 0));
            assertThat(slot.pin(slots, 0)).isTrue();
            assertThat(slot.claimPinned()).isFalse();
            slot.unpin();
            assertThat(slot.claim()).isFalse();
            assertThat(slot.claimPinned()).isTrue();
            assertThat(slot.pin(slots, 0)).isFalse();
            assertThat(slot.claimPinned()).isFalse();
        }
    }

    /** What VMs share survives a scan larger than the cache, whatever the size of its reads. */
    @Test
    void aScanLeavesWhatIsSharedAlone() throws Exception {
        for (int step : new int[] {4096, 16_384, Chunks.BYTES, 200_000}) {
            Path cache = directory.resolve("cache" + step);
            try (CacheScene scene =
                    new CacheScene(
                            TestImage.random(
                                    directory.resolve("image" + step), CHUNKS * Chunks.BYTES, 1),
                            cache,
                            10)) {
                for (int vm = 0; vm < 6; vm++) {
                    CacheScene.check(scene.cached, scene.image, 0, 5 * Chunks.BYTES);
                }
                for (int at = 10 * Chunks.BYTES; at < 22 * Chunks.BYTES; at += step) {
                    int length = Math.min(step, 22 * Chunks.BYTES - at);
                    CacheScene.check(scene.cached, scene.image, at, length);
                }
                scene.upstream.reset();
                CacheScene.check(scene.cached, scene.image, 0, 5 * Chunks.BYTES);
                assertThat(scene.upstream.fetches()).as("reads of %s", step).isZero();
            }
        }
    }

    @Test
    void theClockGivesEachSlotOnce() {
        SlotClock clock = new SlotClock(5);
        Slot restored = clock.restore(2);
        Set<Slot> given = new HashSet<>(List.of(restored));
        for (int i = 0; i < 4; i++) {
            assertThat(given.add(Objects.requireNonNull(clock.claim()))).isTrue();
        }
        assertThat(given).extracting(Slot::number).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
        assertThat(clock.claim()).isNull();
        clock.free(restored);
        assertThat(clock.claim()).isSameAs(restored);
        assertThat(clock.claim()).isNull();
    }
}
