package io.virtman.volt;

/**
 * One node a member may fetch an image from.
 *
 * @param node name of the parent
 * @param peer {@code HOST:PORT} of its NBD server
 * @param level its distance from the origin, which has 0
 */
public record ParentEntry(String node, String peer, int level) {}
