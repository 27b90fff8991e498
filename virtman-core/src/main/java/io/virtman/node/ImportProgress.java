package io.virtman.node;

/**
 * How far an import is.
 *
 * @param image id
 * @param bytesDone of the disk, read and hashed so far
 * @param bytesTotal size of the source file, a measure only: a qcow2 disk may be larger
 */
public record ImportProgress(String image, long bytesDone, long bytesTotal) {}
