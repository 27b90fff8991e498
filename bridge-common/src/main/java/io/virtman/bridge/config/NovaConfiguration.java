package io.virtman.bridge.config;

import java.time.Duration;

/**
 * All that the Nova bridge is told.
 *
 * @param database {@code [nova] connection}: where its own schema is
 * @param keystone its account
 * @param nova the service itself
 * @param leaseDuration {@code [cinder] lease_duration}, which holds for both bridges
 * @param debug {@code debug}
 */
public record NovaConfiguration(
        DatabaseOptions database,
        KeystoneOptions keystone,
        NovaOptions nova,
        Duration leaseDuration,
        boolean debug) {}
