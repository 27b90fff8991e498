package io.virtman.stack;

/**
 * A host to fetch an image from.
 *
 * @param name of its node
 * @param peer {@code HOST:PORT} where it serves children
 */
public record ParentHost(String name, String peer) {}
