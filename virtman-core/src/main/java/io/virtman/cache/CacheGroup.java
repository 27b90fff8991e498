package io.virtman.cache;

import io.virtman.block.PrivateFiles;
import io.virtman.block.SealedImage;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The chunks a node keeps, of all images in one pool: fixed slots in one file. Warm after a restart
 * or a crash; every slot found again is unproven until its chunk passes verification. A full or
 * failing medium makes reads slower, never makes them fail. One process uses a directory at a time.
 * Safe for many threads.
 *
 * <p>Content is never overwritten while someone reads it ({@link Slot}), and bytes always leave
 * through a copy: pages handed to a socket by sendfile would be overwritten with the slot.
 */
public final class CacheGroup implements Closeable {
    private static final Logger LOGGER = System.getLogger(CacheGroup.class.getName());

    private final Path directory;
    private final DirectoryLock lock;
    private final Medium.Opener opener;
    private final SpareMedium medium;
    private final SlotIndex index;
    private final SlotClock clock;
    private final AtomicLong failures = new AtomicLong();

    /**
     * By digest and size. Weak, since what matters is held by others: an image in use by its
     * reader, one with chunks by their slots.
     */
    private final Map<SealedImage, WeakReference<ImageSlots>> images = new HashMap<>();

    private CacheGroup(Path directory, DirectoryLock lock, Medium.Opener opener, int slots)
            throws IOException {
        this.directory = directory;
        this.lock = lock;
        this.opener = opener;
        this.clock = new SlotClock(slots);
        Medium chunks = opener.open(directory.resolve("chunks"));
        this.medium = new SpareMedium(chunks, this::failed);
        try {
            this.index = new SlotIndex(opener.open(directory.resolve("index")));
        } catch (IOException | RuntimeException e) {
            closeQuietly(medium);
            throw e;
        }
        try {
            chunks.truncate((long) slots * Chunks.BYTES);
            index.load(slots, this::found);
        } catch (IOException e) {
            failed(e); // what was not found is fetched again
        }
    }

    /**
     * Opens the cache kept in a directory, which is made when missing.
     *
     * @param capacity bytes for chunks, at least one chunk; with a smaller one than before, slots
     *     beyond it are given up
     * @throws ProblemException when the directory can't be written, or another process uses it
     */
    public static CacheGroup open(Path directory, long capacity) {
        return open(directory, capacity, FileMedium::open);
    }

    static CacheGroup open(Path directory, long capacity, Medium.Opener opener) {
        if (capacity < Chunks.BYTES || capacity / Chunks.BYTES > Integer.MAX_VALUE) {
            throw new ProblemException(
                    Kind.INVALID,
                    "cache size",
                    capacity + " bytes is out of range",
                    "give from 65536 bytes to 128 TiB");
        }
        DirectoryLock lock = null;
        try {
            PrivateFiles.directory(directory);
            lock = DirectoryLock.take(directory);
            return new CacheGroup(directory, lock, opener, (int) (capacity / Chunks.BYTES));
        } catch (IOException e) {
            closeQuietly(lock);
            throw new ProblemException(
                    Kind.FAILED,
                    "cache directory",
                    directory + " can't be used: " + e,
                    "give a directory on a file system with free space that this user can write",
                    e);
        } catch (RuntimeException e) {
            closeQuietly(lock);
            throw e;
        }
    }

    private void found(int number, SealedImage image, long chunk) {
        Slot slot = clock.restore(number);
        ImageSlots slots = known(image, true);
        slot.publish(slots, chunk, false);
        slots.found(slot);
    }

    private ImageSlots known(SealedImage image, boolean verifiable) {
        synchronized (images) {
            WeakReference<ImageSlots> reference = images.get(image);
            ImageSlots slots = reference == null ? null : reference.get();
            if (slots == null) {
                slots = new ImageSlots(image, verifiable);
                images.put(image, new WeakReference<>(slots));
            }
            return slots;
        }
    }

    private List<ImageSlots> known() {
        synchronized (images) {
            images.values().removeIf(reference -> reference.get() == null);
            return images.values().stream()
                    .map(WeakReference::get)
                    .filter(Objects::nonNull)
                    .toList();
        }
    }

    /**
     * The slots of an image; images of the same content and size share them.
     *
     * @param verifiable false for content that can't be verified: its chunks are not found again
     *     after a restart
     */
    ImageSlots slots(SealedImage image, boolean verifiable) {
        return known(image, verifiable).open();
    }

    /** Where pages of an image's hash tree are kept; nowhere when the file can't be opened. */
    SpareMedium openTree(SealedImage image) {
        Medium file = Medium.NONE;
        try {
            Files.createDirectories(directory.resolve("trees"));
            file = opener.open(treeFile(image));
        } catch (IOException e) {
            failed(e);
        }
        return new SpareMedium(file, this::failed);
    }

    /** Where pages are kept that nothing verifies after a restart: for this run only. */
    SpareMedium openScratchTree(SealedImage image) {
        SpareMedium tree = openTree(image);
        try {
            Files.deleteIfExists(treeFile(image)); // it stays as long as it is open
        } catch (IOException e) {
            failed(e);
        }
        return tree;
    }

    private Path treeFile(SealedImage image) {
        return directory.resolve("trees").resolve(image.digest() + "-" + image.size() + ".tree");
    }

    /** Pins the slot of a chunk; null when there is none. The caller unpins it. */
    static @Nullable Slot find(ImageSlots slots, long chunk) {
        Slot slot = slots.get(chunk);
        return slot != null && slot.pin(slots, chunk) ? slot : null;
    }

    /**
     * Copies bytes of a pinned slot.
     *
     * @return false when the medium could not be read; the position of {@code target} is then
     *     undefined
     */
    boolean read(Slot slot, int from, ByteBuffer target) {
        return medium.read(position(slot) + from, target);
    }

    private static long position(Slot slot) {
        return (long) slot.number() * Chunks.BYTES;
    }

    /**
     * Keeps a verified chunk if there is room and the medium works; leaves the position of {@code
     * content} alone.
     */
    void store(ImageSlots slots, long chunk, ByteBuffer content) {
        Slot slot = clock.claim();
        if (slot == null) {
            return;
        }
        forget(slot);
        if (!medium.write(position(slot), content.duplicate()) || !record(slot, slots, chunk)) {
            clock.free(slot);
            return;
        }
        // entered while still reserved: once published it may be evicted at any time
        if (slots.enter(chunk, slot)) {
            slot.publish(slots, chunk, true);
        } else {
            clock.free(slot);
        }
    }

    private boolean record(Slot slot, ImageSlots slots, long chunk) {
        try {
            if (slots.persistent()) {
                index.record(slot.number(), slots.image(), chunk);
            }
            return true;
        } catch (IOException e) {
            failed(e);
            return false;
        }
    }

    /**
     * Drops a pinned slot whose content proved wrong or unreadable; takes the caller's pin with it.
     */
    void discard(ImageSlots slots, long chunk, Slot slot) {
        slots.remove(chunk, slot);
        if (slot.claimPinned()) {
            slot.empty();
            clock.free(slot);
        } else {
            slot.unpin(); // nobody finds it any more; eviction takes it when its last reader left
        }
    }

    /**
     * Gives the chunks of one image to another, whose tree proves each on its first use. What is
     * read or replaced meanwhile stays behind: it costs a fetch.
     */
    void hand(ImageSlots from, ImageSlots to) {
        long chunks = Chunks.count(from.image().size());
        for (long chunk = 0; chunk < chunks && from.held() > 0; chunk++) {
            Slot slot = find(from, chunk);
            if (slot == null) {
                continue;
            }
            from.remove(chunk, slot);
            if (!slot.claimPinned()) {
                slot.unpin();
                continue;
            }
            slot.empty();
            if (record(slot, to, chunk) && to.enter(chunk, slot)) {
                slot.publish(to, chunk, false);
            } else {
                clock.free(slot);
            }
        }
    }

    /** Gives up all chunks of an image. */
    void drop(ImageSlots slots) {
        long chunks = Chunks.count(slots.image().size());
        for (long chunk = 0; chunk < chunks; chunk++) {
            Slot slot = find(slots, chunk);
            if (slot != null) {
                discard(slots, chunk, slot);
            }
        }
    }

    private void forget(Slot slot) {
        ImageSlots owner = slot.owner();
        if (owner != null) {
            owner.remove(slot.chunk(), slot);
            slot.empty();
        }
    }

    private void failed(IOException e) {
        if (failures.getAndIncrement() % 1000 == 0) {
            LOGGER.log(
                    Level.WARNING,
                    "cache medium in {0} failed; reads go on without it: {1}",
                    directory,
                    e);
        }
    }

    /** Times the medium refused a read or a write. */
    public long failures() {
        return failures.get();
    }

    /** Bytes of chunks there is room for. */
    public long capacity() {
        return (long) clock.capacity() * Chunks.BYTES;
    }

    /** Bytes of slots that hold chunks. */
    public long usedBytes() {
        return known().stream().mapToLong(ImageSlots::held).sum() * Chunks.BYTES;
    }

    /** Closes the files; the chunks stay for the next start. */
    @Override
    public void close() throws IOException {
        try (lock;
                medium) {
            index.close();
        }
    }

    private static void closeQuietly(@Nullable Closeable channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                LOGGER.log(Level.DEBUG, "close failed", e);
            }
        }
    }
}
