package io.virtman.block;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What identifies an image's content and lets anyone verify it.
 *
 * @param digest root of the hash tree
 * @param size bytes of the disk, without the tree; a last partial block counts as padded with
 *     zeroes in the tree
 */
public record SealedImage(ImageDigest digest, long size) {
    public SealedImage {
        if (size < 1) {
            throw new IllegalArgumentException("size " + size);
        }
    }

    /**
     * What stands for an image that is not sealed yet: a name of its content made of its id, which
     * verifies nothing and is nothing's digest.
     *
     * @param id of the image
     */
    public static SealedImage unsealed(String id, long size) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            byte[] name = ("virtman unsealed image " + id).getBytes(StandardCharsets.UTF_8);
            return new SealedImage(ImageDigest.of(sha256.digest(name)), size);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
