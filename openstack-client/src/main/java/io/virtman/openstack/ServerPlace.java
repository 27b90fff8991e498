package io.virtman.openstack;

import org.jspecify.annotations.Nullable;

/**
 * Where a server is, and what is being done to it.
 *
 * @param id of the server
 * @param host the name of its nova-compute; null while it has none (not yet scheduled, shelved)
 * @param status e.g. {@code ACTIVE}; {@code UNRECOGNIZED} for one that is not known here
 * @param taskState e.g. {@code spawning}; null when nothing is being done
 * @param tenantId its project
 */
public record ServerPlace(
        String id,
        @Nullable String host,
        String status,
        @Nullable String taskState,
        String tenantId) {}
