package io.virtman.stack;

/**
 * The file system that a host's layers are on; 0 where it does not tell.
 *
 * @param total bytes it has
 * @param free bytes that this service could still write
 */
public record LayerSpace(long total, long free) {}
