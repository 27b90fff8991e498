package io.virtman.cinder.database;

/**
 * Our row in {@code services}.
 *
 * @param id what {@code workers.service_id} refers to
 * @param uuid what {@code volumes.service_uuid} refers to
 * @param availabilityZone written by each heartbeat
 * @param disabled whether an administrator has disabled it
 * @param frozen whether the host is frozen: no creates, no deletes
 */
public record ServiceRow(
        int id, String uuid, String availabilityZone, boolean disabled, boolean frozen) {}
