package io.virtman.image;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;

/**
 * Format of an image file. It is declared by whoever adds the image and never guessed from the
 * content: a guest could write a qcow2 header naming a host's file into its raw disk.
 */
public enum ImageFormat {
    /** The disk's bytes as they are. */
    RAW,
    /** QEMU copy-on-write, version 2 or 3, in one file. */
    QCOW2;

    /**
     * The format called {@code text}: {@code raw} or {@code qcow2}.
     *
     * @throws ProblemException INVALID for anything else
     */
    public static ImageFormat parse(String text) {
        return switch (text) {
            case "raw" -> RAW;
            case "qcow2" -> QCOW2;
            default ->
                    throw new ProblemException(
                            Kind.INVALID,
                            "format",
                            "'" + Printable.of(text) + "' is not a format VirtMan reads",
                            "declare raw or qcow2; convert others with 'qemu-img convert -O qcow2'");
        };
    }
}
