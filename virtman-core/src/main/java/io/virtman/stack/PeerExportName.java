package io.virtman.stack;

import io.virtman.block.ImageDigest;
import io.virtman.block.SealedImage;
import io.virtman.nbd.NbdRefusal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Name of an image's export between nodes: {@code DIGEST-SIZE@LEVEL}, the level being the child's.
 * A parent refuses a child whose level is not greater than its own, so that no ring of nodes can
 * wait for one another. The size is part of the name since a digest does not bind it: a page of one
 * image's hash tree, imported as an image of 4 KiB, has that image's digest.
 *
 * @param digest content of the export: [disk padded to 4 KiB | hash tree]
 * @param size bytes of the disk; {@link #ANY_SIZE} when the child knows the digest only
 * @param level of the child in the hierarchy, 1 and up
 */
public record PeerExportName(ImageDigest digest, long size, int level) {
    /** Any disk of the digest; the name is {@code DIGEST@LEVEL} then. */
    public static final long ANY_SIZE = 0;

    private static final Pattern FORM =
            Pattern.compile("([0-9a-f]{64})(?:-([1-9][0-9]{0,17}))?@([1-9][0-9]{0,5})");

    /** The export of an image for a child of a level. */
    public static PeerExportName of(SealedImage image, int level) {
        return new PeerExportName(image.digest(), image.size(), level);
    }

    /** Reads a name given by a client. */
    public static PeerExportName parse(String name) throws NbdRefusal {
        Matcher matcher = FORM.matcher(name);
        if (!matcher.matches()) {
            throw new NbdRefusal(
                    NbdRefusal.Reason.UNKNOWN,
                    "exports between nodes are called DIGEST-SIZE@LEVEL");
        }
        return new PeerExportName(
                new ImageDigest(matcher.group(1)),
                matcher.group(2) == null ? ANY_SIZE : Long.parseLong(matcher.group(2)),
                Integer.parseInt(matcher.group(3)));
    }

    /** Whether it names this content. */
    public boolean names(SealedImage image) {
        return digest.equals(image.digest()) && (size == ANY_SIZE || size == image.size());
    }

    @Override
    public String toString() {
        return digest + (size == ANY_SIZE ? "" : "-" + size) + "@" + level;
    }
}
