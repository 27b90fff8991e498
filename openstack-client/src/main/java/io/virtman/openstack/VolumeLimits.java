package io.virtman.openstack;

/**
 * What the project may have of Cinder.
 *
 * @param volumes of any type
 * @param snapshots of any volume
 * @param gib of volumes, and usually of snapshots too, in GiB
 */
public record VolumeLimits(Quota volumes, Quota snapshots, Quota gib) {}
