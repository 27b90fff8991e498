package io.virtman.openstack;

/**
 * A size of servers.
 *
 * @param id of the flavor
 * @param name unique
 * @param ramMib memory, in MiB; 1 or more
 * @param vcpus 1 or more
 * @param diskGib of the root disk, in GiB; 0 leaves it to the image or the volume
 */
public record Flavor(String id, String name, long ramMib, int vcpus, int diskGib) {}
