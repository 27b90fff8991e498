package io.virtman.nbd;

/**
 * What the client and a server agreed on.
 *
 * @param size of the export, in bytes
 * @param flags transmission flags
 * @param structured whether replies are structured
 * @param allocationContext number of {@code base:allocation}; -1 when it was not selected
 * @param minimumBlock offsets and lengths must be multiples of it
 * @param maximumPayload longest request
 */
record Session(
        long size,
        int flags,
        boolean structured,
        long allocationContext,
        int minimumBlock,
        int maximumPayload) {
    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    boolean blockStatus() {
        return allocationContext >= 0;
    }
}
