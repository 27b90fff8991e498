package io.virtman.node;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import org.jspecify.annotations.Nullable;

/** Which sizes disks may have, in bytes. */
final class DiskSize {
    private static final int SECTOR = 512;
    private static final long LARGEST = 1L << 46;

    private DiskSize() {}

    /** The size of a disk on an image of {@code image} bytes. */
    static long choose(@Nullable Long wanted, long image) {
        long smallest = Math.ceilDiv(image, SECTOR) * SECTOR;
        return wanted == null ? smallest : requireWithin(wanted, smallest);
    }

    /** The size of an empty disk. */
    static long require(@Nullable Long wanted) {
        if (wanted == null) {
            throw new ProblemException(
                    Kind.INVALID,
                    "size",
                    "an empty disk has no size of its own",
                    "give the size, or an image");
        }
        return requireWithin(wanted, SECTOR);
    }

    /** A size that is not below {@code smallest}. */
    static long requireWithin(long size, long smallest) {
        if (size < smallest || size > LARGEST || size % SECTOR != 0) {
            throw new ProblemException(
                    Kind.INVALID,
                    "size",
                    size + " bytes does not fit",
                    "give a multiple of 512 from " + smallest + " to " + LARGEST);
        }
        return size;
    }
}
