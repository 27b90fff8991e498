package io.virtman.volt;

/**
 * Volt in numbers.
 *
 * @param term number of this run
 * @param fanOut most children of a member
 * @param heartbeatMillis how often nodes should report
 * @param images in the catalogue
 * @param nodes known
 * @param nodesAlive of them
 * @param members attachments of all images together
 * @param joins answered since the start, repeated ones included
 * @param parentChanges members whose first parent changed since the start, other than by joining
 * @param pushesLost parent lists that could not be pushed; heartbeats deliver those
 */
public record VoltStatus(
        long term,
        int fanOut,
        long heartbeatMillis,
        int images,
        int nodes,
        int nodesAlive,
        int members,
        long joins,
        long parentChanges,
        long pushesLost) {}
