package io.virtman.stack;

/**
 * A host's cache in numbers.
 *
 * @param usedBytes of chunks held
 * @param capacity bytes of chunks there is room for
 * @param failures times the medium refused a read or write
 */
public record CacheUsage(long usedBytes, long capacity, long failures) {}
