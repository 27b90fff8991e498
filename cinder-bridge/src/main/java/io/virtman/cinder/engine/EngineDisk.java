package io.virtman.cinder.engine;

/**
 * A disk on a node.
 *
 * @param name unique on its node
 * @param bytes its size
 * @param written whether anybody may have written into it; true while it is offered
 * @param offered whether it is, or is to be, there as a file
 */
public record EngineDisk(String name, long bytes, boolean written, boolean offered) {}
