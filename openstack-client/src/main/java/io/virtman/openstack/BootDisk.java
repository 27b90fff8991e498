package io.virtman.openstack;

import org.jspecify.annotations.Nullable;

/**
 * The volume that each new server gets and boots from, and that goes with the server.
 *
 * @param source what it is a copy of
 * @param id of the image or of the volume snapshot, which must be {@code available}: Nova takes the
 *     order otherwise too, and then all builds fail
 * @param gib its size, 1..1 048 576
 * @param volumeType name or id; null for Cinder's default
 */
public record BootDisk(Source source, String id, int gib, @Nullable String volumeType) {
    /** What can be copied. */
    public enum Source {
        /** An image of Glance. */
        IMAGE("image"),
        /** A volume snapshot of Cinder. */
        SNAPSHOT("snapshot");

        private final String word;

        Source(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    private static final int LARGEST = 1 << 20;

    /** Checks the id and the size. */
    public BootDisk {
        if (!Ids.fits(id)) {
            throw new IllegalArgumentException("disk: not an id of an image or a snapshot");
        }
        if (gib < 1 || gib > LARGEST) {
            throw new IllegalArgumentException("disk: 1 to " + LARGEST + " GiB");
        }
    }
}
