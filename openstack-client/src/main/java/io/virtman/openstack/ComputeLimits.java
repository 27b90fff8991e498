package io.virtman.openstack;

/**
 * What the project may have of Nova.
 *
 * @param instances servers
 * @param cores virtual ones
 * @param ramMib memory, in MiB
 */
public record ComputeLimits(Quota instances, Quota cores, Quota ramMib) {}
