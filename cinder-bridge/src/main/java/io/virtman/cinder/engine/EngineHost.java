package io.virtman.cinder.engine;

/**
 * A host with a node.
 *
 * @param name of the node; the same as Nova's name of the host
 * @param alive whether it was heard of lately
 * @param bytesTotal size of the file system of its layers
 * @param bytesFree of that, what can be used
 */
public record EngineHost(String name, boolean alive, long bytesTotal, long bytesFree) {}
