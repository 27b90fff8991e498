package io.virtman.image;

import io.virtman.block.ImageDigest;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** The hash function of the tree: SHA-256 without salt over 4 KiB (dm-verity version 1). */
public final class HashTree {
    private static final byte[] ZEROES = new byte[HashTreeLayout.BLOCK];

    private HashTree() {}

    /**
     * The hash of one block or page: the remaining bytes of {@code block}, whose position is left
     * alone. Fewer than {@value HashTreeLayout#BLOCK} bytes count as padded with zeroes.
     */
    public static byte[] hash(ByteBuffer block) {
        int length = block.remaining();
        if (length > HashTreeLayout.BLOCK) {
            throw new IllegalArgumentException("a block of " + length + " bytes");
        }
        MessageDigest sha256 = sha256();
        sha256.update(block.duplicate());
        sha256.update(ZEROES, 0, HashTreeLayout.BLOCK - length);
        return sha256.digest();
    }

    /**
     * Whether {@code block} (a data block or a page) is the one whose hash is {@code page}'s entry
     * number {@code entry}; leaves both positions alone.
     *
     * @param page a whole page; its entry 0 is at its position
     */
    public static boolean matches(ByteBuffer block, ByteBuffer page, int entry) {
        return Arrays.equals(hash(block), entry(page, entry));
    }

    /** Entry number {@code entry} of a page, whose position is left alone. */
    public static byte[] entry(ByteBuffer page, int entry) {
        byte[] hash = new byte[ImageDigest.BYTES];
        page.get(page.position() + entry * ImageDigest.BYTES, hash);
        return hash;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
