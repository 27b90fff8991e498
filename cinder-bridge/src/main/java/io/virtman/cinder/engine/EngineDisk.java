package io.virtman.cinder.engine;

/**
 * A disk on a node.
 *
 * @param name unique on its node
 * @param bytes its size
 * @param written whether anybody may have written into it; true while it is offered
 * @param offered whether it is, or is to be, there as a file
 * @param destroying whether its destruction was begun and isn't at its end: the node would make it
 *     anew, and empty, so nobody may take it for the disk it was
 */
public record EngineDisk(
        String name, long bytes, boolean written, boolean offered, boolean destroying) {
    /** One that is whole. */
    public EngineDisk(String name, long bytes, boolean written, boolean offered) {
        this(name, bytes, written, offered, false);
    }
}
