package io.virtman.block;

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
}
