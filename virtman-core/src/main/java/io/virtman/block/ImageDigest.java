package io.virtman.block;

import java.util.HexFormat;

/**
 * Content digest of an image: the root of its SHA-256 hash tree. Equal digests mean equal content.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record ImageDigest(String hex) {
    /** Length of the digest in bytes. */
    public static final int BYTES = 32;

    public ImageDigest {
        if (!hex.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "not a digest: 64 lower-case hexadecimal digits are expected");
        }
    }

    public static ImageDigest of(byte[] bytes) {
        return new ImageDigest(HexFormat.of().formatHex(bytes));
    }

    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
