package io.virtman.image;

import static io.virtman.image.HashTreeLayout.BLOCK;
import static io.virtman.image.HashTreeLayout.HASHES_PER_PAGE;

import io.virtman.block.BlockRange;
import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import io.virtman.block.ImageDigest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Hashes an image in one pass and writes its tree. Holes are not read: a terabyte of them takes
 * well under a second. Pages with nothing but zeroes below stay holes in the tree file; {@link
 * SealedImageSource} puts them back (a real page never begins with a hash of zero bytes).
 *
 * <p>The calling thread writes the tree; helper threads read and hash 512 KiB each, at most a few
 * at a time.
 */
public final class HashTreeBuilder {
    private static final int UNIT = Math.toIntExact(HashTreeLayout.blocksUnderPage(0)) * BLOCK;
    private static final int MAXIMUM_THREADS = 4;
    private static final int PROGRESS_UNITS = 32;

    private final BlockSource data;
    private final FileChannel tree;
    private final LongConsumer progress;
    private final HashTreeLayout layout;
    private final ByteBuffer[] open; // by level: the page being filled
    private long holeEnd; // a hole reaches from the unit to begin next up to here
    private byte[] root = {};

    /** The page of one 512 KiB unit, or of none because it is all zeroes. */
    @SuppressWarnings("ArrayRecordComponent") // passed once, never compared
    private record Unit(byte[] hash, @Nullable ByteBuffer page) {}

    private HashTreeBuilder(BlockSource data, FileChannel tree, LongConsumer progress) {
        this.data = data;
        this.tree = tree;
        this.progress = progress;
        this.layout = new HashTreeLayout(data.size());
        this.open = new ByteBuffer[layout.levels()];
        Arrays.setAll(open, _ -> ByteBuffer.allocate(BLOCK));
    }

    /**
     * Builds the tree of {@code data}.
     *
     * @param tree an empty file open for writing; receives exactly {@link HashTreeLayout#treeSize}
     *     bytes
     * @param progress told the bytes of data done so far, now and then, by the calling thread
     * @return the digest of the image
     * @throws InterruptedIOException when the calling thread is interrupted; the tree is then
     *     worthless
     */
    public static ImageDigest build(BlockSource data, FileChannel tree, LongConsumer progress)
            throws IOException {
        return new HashTreeBuilder(data, tree, progress).build();
    }

    private ImageDigest build() throws IOException {
        if (layout.levels() == 0) {
            ByteBuffer block = ByteBuffer.allocate(Math.toIntExact(data.size()));
            data.read(0, block);
            progress.accept(data.size());
            return ImageDigest.of(HashTree.hash(block.flip()));
        }
        extendTree();
        int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MAXIMUM_THREADS);
        ExecutorService hashers =
                Executors.newFixedThreadPool(
                        threads, Thread.ofPlatform().daemon().name("hash-", 0).factory());
        Queue<Future<Unit>> pending = new ArrayDeque<>();
        try {
            hashUnits(hashers, threads * 2, pending);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while hashing");
        } finally {
            pending.forEach(unit -> unit.cancel(false));
            end(hashers);
        }
        return ImageDigest.of(root);
    }

    /**
     * Waits for what runs, half a MiB per thread, even when interrupted: helpers are never
     * interrupted themselves, since that would close a plain file channel for its other readers.
     */
    private static void end(ExecutorService hashers) {
        hashers.shutdown();
        boolean interrupted = Thread.interrupted();
        boolean ended = false;
        while (!ended) {
            try {
                ended = hashers.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void extendTree() throws IOException {
        tree.write(ByteBuffer.allocate(1), layout.treeSize() - 1);
    }

    private void hashUnits(ExecutorService hashers, int window, Queue<Future<Unit>> pending)
            throws IOException, InterruptedException {
        long units = layout.pages(0);
        long begun = 0;
        for (long unit = 0; unit < units; unit++) {
            while (begun < units && pending.size() < window) {
                pending.add(begin(hashers, begun));
                begun++;
            }
            Unit result = await(pending.remove());
            complete(0, unit, result.page(), result.hash());
            if (unit % PROGRESS_UNITS == 0 || unit == units - 1) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                progress.accept(Math.min((unit + 1) * UNIT, data.size()));
            }
        }
    }

    private Future<Unit> begin(ExecutorService hashers, long unit) throws IOException {
        long offset = unit * UNIT;
        int length = (int) Math.min(UNIT, data.size() - offset);
        if (isHole(offset, length)) {
            return CompletableFuture.completedFuture(new Unit(layout.zeroPageHash(0, unit), null));
        }
        return hashers.submit(() -> hash(unit, offset, length));
    }

    private boolean isHole(long offset, int length) throws IOException {
        while (holeEnd < offset + length) {
            long from = Math.max(holeEnd, offset);
            Extent extent = data.extent(from, data.size() - from);
            if (!extent.hole()) {
                return false;
            }
            holeEnd = extent.end();
        }
        return true;
    }

    private Unit hash(long unit, long offset, int length) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(length);
        data.read(offset, content);
        content.clear();
        if (BlockRange.isZero(content)) {
            return new Unit(layout.zeroPageHash(0, unit), null);
        }
        ByteBuffer page = ByteBuffer.allocate(BLOCK);
        for (int at = 0; at < length; at += BLOCK) {
            page.put(HashTree.hash(content.slice(at, Math.min(BLOCK, length - at))));
        }
        page.clear();
        return new Unit(HashTree.hash(page), page);
    }

    /** Takes a finished page into the tree, and every page above that it finishes. */
    private void complete(int level, long page, @Nullable ByteBuffer content, byte[] hash)
            throws IOException {
        if (content != null) {
            write(layout.pageOffset(level, page), content);
        }
        int above = level + 1;
        if (above == layout.levels()) {
            root = hash;
            return;
        }
        ByteBuffer parent = open[above];
        parent.put(hash);
        long parentPage = page / HASHES_PER_PAGE;
        if (parent.position() < layout.entries(above, parentPage) * ImageDigest.BYTES) {
            return;
        }
        BlockRange.fillZero(parent);
        byte[] parentHash = HashTree.hash(parent.flip());
        boolean zero = layout.isZeroSubtree(above, parentPage, parentHash);
        complete(above, parentPage, zero ? null : parent, parentHash);
        parent.clear();
    }

    private void write(long offset, ByteBuffer page) throws IOException {
        long at = offset;
        while (page.hasRemaining()) {
            at += tree.write(page, at);
        }
    }

    private static Unit await(Future<Unit> unit) throws IOException, InterruptedException {
        try {
            return unit.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw new IOException(failure.getMessage(), failure);
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
