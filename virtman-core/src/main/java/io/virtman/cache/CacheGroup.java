package io.virtman.cache;

import io.virtman.block.ImageDigest;
import io.virtman.block.SealedImage;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
    private final FileChannel lockFile;
    private final FileChannel medium;
    private final SlotIndex index;
    private final SlotClock clock;
    private final Map<ImageDigest, ImageSlots> images = new ConcurrentHashMap<>();
    private final AtomicLong failures = new AtomicLong();

    private CacheGroup(Path directory, FileChannel lockFile, int slots) throws IOException {
        this.directory = directory;
        this.lockFile = lockFile;
        this.medium =
                FileChannel.open(
                        directory.resolve("chunks"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        this.index = new SlotIndex(directory.resolve("index"));
        this.clock = new SlotClock(slots);
        index.load(slots, this::found);
    }

    /**
     * Opens the cache kept in a directory, which is made when missing.
     *
     * @param capacity bytes for chunks, at least one chunk; with a smaller one than before, slots
     *     beyond it are forgotten
     * @throws ProblemException when the directory can't be written, or another process uses it
     */
    public static CacheGroup open(Path directory, long capacity) {
        if (capacity < Chunks.BYTES || capacity / Chunks.BYTES > Integer.MAX_VALUE) {
            throw new ProblemException(
                    Kind.INVALID,
                    "cache size",
                    capacity + " bytes is out of range",
                    "give from 65536 bytes to 128 TiB");
        }
        FileChannel lockFile = null;
        try {
            Files.createDirectories(directory);
            lockFile =
                    FileChannel.open(
                            directory.resolve("lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            lock(lockFile, directory);
            return new CacheGroup(directory, lockFile, (int) (capacity / Chunks.BYTES));
        } catch (IOException e) {
            closeQuietly(lockFile);
            throw new ProblemException(
                    Kind.FAILED,
                    "cache directory",
                    directory + " can't be used: " + e,
                    "give a directory on a file system with free space that this user can write",
                    e);
        } catch (RuntimeException e) {
            closeQuietly(lockFile);
            throw e;
        }
    }

    private static void lock(FileChannel file, Path directory) throws IOException {
        FileLock lock;
        try {
            lock = file.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "cache directory",
                    directory + " is in use by another process",
                    "stop that process or give another directory");
        }
    }

    private void found(int number, SealedImage image, long chunk) {
        Slot slot = clock.restore(number);
        ImageSlots slots = images.computeIfAbsent(image.digest(), _ -> new ImageSlots(image, true));
        if (slots.image().equals(image) && slots.enter(chunk, slot)) {
            slot.publish(slots, chunk, false);
        } else {
            clock.free(slot);
        }
    }

    /** Where the files of this cache are; other caches of verified data may be kept beside them. */
    public Path directory() {
        return directory;
    }

    /**
     * The slots of an image; images of the same content share them.
     *
     * @param verifiable false for content that can't be verified: its chunks are not found again
     *     after a restart
     */
    ImageSlots slots(SealedImage image, boolean verifiable) {
        ImageSlots slots =
                images.computeIfAbsent(image.digest(), _ -> new ImageSlots(image, verifiable));
        if (slots.image().size() == image.size()) {
            return slots;
        }
        // what was found under this digest claimed another size: the claim was a hint only
        ImageSlots fresh = new ImageSlots(image, verifiable);
        images.put(image.digest(), fresh);
        return fresh;
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
        try {
            long at = (long) slot.number() * Chunks.BYTES + from;
            while (target.hasRemaining()) {
                int count = medium.read(target, at);
                if (count < 0) {
                    throw new EOFException(
                            "slot " + slot.number() + " lies beyond the end of the medium");
                }
                at += count;
            }
            return true;
        } catch (IOException e) {
            failed(e);
            return false;
        }
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
        try {
            ByteBuffer bytes = content.duplicate();
            long at = (long) slot.number() * Chunks.BYTES;
            while (bytes.hasRemaining()) {
                at += medium.write(bytes, at);
            }
            if (slots.persistent()) {
                index.record(slot.number(), slots.image(), chunk);
            }
        } catch (IOException e) {
            failed(e);
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

    /**
     * Drops a pinned slot whose content proved wrong or unreadable; takes the caller's pin with it.
     */
    void discard(ImageSlots slots, long chunk, Slot slot) {
        slots.remove(chunk, slot);
        slot.unpin();
        if (slot.claim()) {
            slot.empty();
            clock.free(slot);
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
        return images.values().stream().mapToLong(ImageSlots::held).sum() * Chunks.BYTES;
    }

    /** Bytes of chunks held of one image. */
    public long usedBytes(ImageDigest digest) {
        ImageSlots slots = images.get(digest);
        return slots == null ? 0 : slots.held() * Chunks.BYTES;
    }

    /** Closes the files; the chunks stay for the next start. */
    @Override
    public void close() throws IOException {
        try (lockFile;
                medium) {
            index.close();
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                LOGGER.log(Level.DEBUG, "close failed", e);
            }
        }
    }
}
