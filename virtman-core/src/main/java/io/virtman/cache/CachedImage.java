package io.virtman.cache;

import io.virtman.block.BlockRange;
import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import io.virtman.block.ImageDigest;
import io.virtman.block.LentSource;
import io.virtman.block.SealedImage;
import io.virtman.block.Upstream;
import io.virtman.image.DataView;
import io.virtman.image.HashTreeLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An image as a node has it: chunks come from the cache group, or from upstream once, verified, for
 * everyone here. The source is [disk padded to 4 KiB | hash tree], what children attach to; guests
 * get {@link #disk()}. Hits wait for nothing but the medium; misses of one chunk are fetched once.
 * Safe for many threads.
 */
public final class CachedImage implements BlockSource {
    private final long diskSize;
    private final CacheGroup group;
    private final Upstream upstream;
    private final SingleFlight<Long, ByteBuffer> flights = new SingleFlight<>();
    private volatile Knowledge known;

    /** What is known of the content; replaced when the image is sealed. */
    private record Knowledge(
            SealedImage image,
            ImageSlots slots,
            @Nullable HashPages tree,
            ChunkVerifier verifier,
            ZeroChunks zeroChunks) {}

    private CachedImage(
            SealedImage image, CacheGroup group, Upstream upstream, @Nullable HashPages tree) {
        this.diskSize = image.size();
        this.group = group;
        this.upstream = upstream;
        this.known = know(image, tree);
    }

    private Knowledge know(SealedImage image, @Nullable HashPages tree) {
        return new Knowledge(
                image,
                group.slots(image, tree != null),
                tree,
                tree == null ? ChunkVerifier.TRUSTING : new TreeVerifier(tree),
                new ZeroChunks(Chunks.count(image.size())));
    }

    /**
     * An image known by its digest: nothing unverified is served or kept.
     *
     * @param upstream gives [disk padded | tree]
     */
    public static CachedImage sealed(SealedImage image, CacheGroup group, Upstream upstream) {
        return new CachedImage(
                image, group, upstream, new VerifiedTree(image, upstream, group.openTree(image)));
    }

    /**
     * An image that is not sealed yet: verified by what its origin says of it, and kept under a
     * name of its own until {@link #seal}.
     *
     * @param name see {@link SealedImage#unsealed}
     * @param upstream gives the padded disk
     * @param origin gives the lowest level of the tree; the image's origin and nobody else
     */
    public static CachedImage unsealed(
            SealedImage name, CacheGroup group, Upstream upstream, Upstream origin) {
        return new CachedImage(
                name,
                group,
                upstream,
                new VouchedPages(name.size(), origin, group.openScratchTree(name)));
    }

    /**
     * Goes on with the digest of an image that was not sealed. What is cached is proven anew on its
     * first use and found under the digest from now on. Does nothing when it is sealed.
     *
     * @throws IOException when the size is another one than was said before
     */
    public synchronized void seal(SealedImage sealed) throws IOException {
        Knowledge before = known;
        if (!(before.tree() instanceof VouchedPages vouched)) {
            return;
        }
        if (sealed.size() != diskSize) {
            throw new IOException("the image was sealed with another size than was said before");
        }
        known = know(sealed, new VerifiedTree(sealed, upstream, group.openTree(sealed), vouched));
        group.hand(before.slots(), known.slots());
    }

    /**
     * Content that can't be verified, from a trusted sender. It is cached for this run only, since
     * nothing would tell whether it changed.
     *
     * @param upstream gives the disk
     */
    public static CachedImage trusted(long size, CacheGroup group, Upstream upstream) {
        byte[] unique = new byte[ImageDigest.BYTES];
        new SecureRandom().nextBytes(unique);
        return new CachedImage(
                new SealedImage(ImageDigest.of(unique), size), group, upstream, null);
    }

    /** What identifies it; for trusted content the digest is random. */
    public SealedImage image() {
        return known.image();
    }

    /** The disk without its tree; closing the view closes nothing. */
    public BlockSource disk() {
        return new LentSource(new DataView(this, diskSize));
    }

    /** Fails when the size it was opened with is not the sealed one. May wait for hosts. */
    public void requireSize() throws IOException {
        HashPages tree = known.tree();
        if (tree != null) {
            tree.requireSize();
        }
    }

    @Override
    public long size() {
        HashPages tree = known.tree();
        return tree == null ? diskSize : tree.layout().wholeSize();
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        long at = offset;
        int limit = target.limit();
        while (target.position() < limit) {
            target.limit((int) Math.min(limit, target.position() + partLength(at)));
            int length = target.remaining();
            readPart(at, target);
            at += length;
            target.limit(limit);
        }
    }

    @Override
    public boolean readNow(long offset, ByteBuffer target) {
        int start = target.position();
        int limit = target.limit();
        long at = offset;
        boolean all = true;
        while (all && target.position() < limit) {
            target.limit((int) Math.min(limit, target.position() + partLength(at)));
            at += target.remaining();
            all = readPartNow(at - target.remaining(), target);
            target.limit(limit);
        }
        if (!all) {
            target.position(start);
        }
        return all;
    }

    /**
     * Bytes from {@code at} to the end of what is decided as one: a chunk, the padding, or a page
     * of the tree.
     */
    private long partLength(long at) {
        if (at < diskSize) {
            long chunk = Chunks.at(at);
            return Chunks.offset(chunk) + Chunks.length(diskSize, chunk) - at;
        }
        return HashTreeLayout.BLOCK - at % HashTreeLayout.BLOCK;
    }

    private boolean readPartNow(long at, ByteBuffer target) {
        if (at >= diskSize) {
            return readTreeNow(at, target);
        }
        long chunk = Chunks.at(at);
        Knowledge now = known;
        if (now.zeroChunks().contains(chunk)) {
            BlockRange.fillZero(target);
            return true;
        }
        Slot slot = CacheGroup.find(now.slots(), chunk);
        if (slot == null) {
            return false;
        }
        int from = (int) (at - Chunks.offset(chunk));
        slot.used(from, from + target.remaining());
        boolean done = slot.proven() && group.read(slot, from, target);
        slot.unpin();
        return done;
    }

    private void readPart(long at, ByteBuffer target) throws IOException {
        int start = target.position();
        if (readPartNow(at, target)) {
            return;
        }
        target.position(start);
        if (at >= diskSize) {
            readTree(at, target);
            return;
        }
        long chunk = Chunks.at(at);
        ByteBuffer content = flights.run(chunk, () -> load(chunk));
        int from = (int) (at - Chunks.offset(chunk));
        target.put(target.position(), content, from, target.remaining()).position(target.limit());
    }

    private boolean readTreeNow(long at, ByteBuffer target) {
        HashPages tree = known.tree();
        if (tree == null || at < tree.layout().paddedSize()) {
            BlockRange.fillZero(target);
            return true;
        }
        long inTree = at - tree.layout().paddedSize();
        byte[] page = tree.pageNow(tree.layout().levelAt(inTree), tree.layout().pageAt(inTree));
        if (page == null) {
            return false;
        }
        target.put(page, (int) (inTree % HashTreeLayout.BLOCK), target.remaining());
        return true;
    }

    private void readTree(long at, ByteBuffer target) throws IOException {
        HashPages present = Objects.requireNonNull(known.tree());
        long inTree = at - present.layout().paddedSize();
        byte[] page =
                present.page(present.layout().levelAt(inTree), present.layout().pageAt(inTree));
        target.put(page, (int) (inTree % HashTreeLayout.BLOCK), target.remaining());
    }

    /**
     * A whole verified chunk: from a slot not proven yet, else from upstream. Shared by all who
     * wait for it.
     */
    private ByteBuffer load(long chunk) throws IOException {
        Knowledge now = known;
        ByteBuffer content = ByteBuffer.allocate(Chunks.length(diskSize, chunk));
        if (now.verifier().isZero(chunk)) {
            now.zeroChunks().add(chunk);
            return content;
        }
        Upstream.Check check = now.verifier().check(chunk);
        if (loadSlot(now.slots(), chunk, content, check)) {
            return content.clear();
        }
        upstream.fetch(Chunks.offset(chunk), content.clear(), check);
        content.clear();
        if (BlockRange.isZero(content)) {
            now.zeroChunks().add(chunk);
        } else {
            group.store(now.slots(), chunk, content);
        }
        return content;
    }

    private boolean loadSlot(
            ImageSlots slots, long chunk, ByteBuffer content, Upstream.Check check) {
        Slot slot = CacheGroup.find(slots, chunk);
        if (slot == null) {
            return false;
        }
        if (group.read(slot, 0, content) && check.accepts(content.flip())) {
            slot.prove();
            slot.unpin();
            return true;
        }
        group.discard(slots, chunk, slot);
        return false;
    }

    @Override
    public Extent extent(long offset, long length) throws IOException {
        if (offset >= diskSize) {
            return new Extent(offset, length, false);
        }
        Knowledge now = known;
        if (now.tree() instanceof VouchedPages) {
            return new Extent(offset, length, false); // to know better would take all of it
        }
        return now.verifier().extent(offset, Math.min(length, diskSize - offset));
    }

    /** Bytes of chunks held. */
    public long cachedBytes() {
        return known.slots().held() * Chunks.BYTES;
    }

    /** Its chunks stay in the cache, unless nothing could verify them later. */
    @Override
    public void close() throws IOException {
        HashPages tree = known.tree();
        if (tree == null) {
            group.drop(known.slots());
        } else {
            tree.close();
        }
    }
}
