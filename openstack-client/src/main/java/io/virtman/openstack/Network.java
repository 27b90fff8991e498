package io.virtman.openstack;

import org.jspecify.annotations.Nullable;

/**
 * A network that the user sees.
 *
 * @param id of the network
 * @param name may be missing, and need not be unique
 * @param enabled whether packets are let through, by its administrator's will
 * @param hasSubnets whether Nova can give a port in it an address
 * @param external whether it leads outside; Nova lets only administrators put servers there
 * @param shared whether all projects may use it
 */
public record Network(
        String id,
        @Nullable String name,
        boolean enabled,
        boolean hasSubnets,
        boolean external,
        boolean shared) {}
