package io.virtman.node;

import org.jspecify.annotations.Nullable;

/**
 * How far an import is.
 *
 * @param image id
 * @param bytesDone of the disk, read and hashed so far
 * @param bytesTotal size of the source file, a measure only: a qcow2 disk may be larger
 * @param waiting why it waits, for another credential of its source's server or for that server to
 *     be back; null when it does not
 */
public record ImportProgress(
        String image, long bytesDone, long bytesTotal, @Nullable String waiting) {
    /** Of an import that waits for nobody. */
    public ImportProgress(String image, long bytesDone, long bytesTotal) {
        this(image, bytesDone, bytesTotal, null);
    }
}
