package io.virtman.bridge.config;

import java.time.Duration;

/**
 * The part of {@code [cinder]} that others see: as what the bridge appears among Cinder's backends,
 * and what it reports to the scheduler.
 *
 * @param host {@code host}: the part before the @ of the service; the machine's host name unless
 *     given. Two bridges with one name take turns, by lease
 * @param name {@code backend}: the part after the @
 * @param volumeBackendName {@code volume_backend_name}: what volume types name in their extra specs
 * @param pool {@code pool}: the part after the # in {@code volumes.host}
 * @param availabilityZone {@code availability_zone} of the volumes; Cinder's {@code
 *     storage_availability_zone}
 * @param maxOverSubscriptionRatio {@code max_over_subscription_ratio}: how many bytes may be
 *     promised for each that there is, 1 or more
 * @param reservedPercentage {@code reserved_percentage}: room that the scheduler leaves free, 0 to
 *     100
 * @param statsInterval {@code backend_stats_polling_interval}: between reports of capacity, 3 s to
 *     1 h
 */
public record BackendOptions(
        String host,
        String name,
        String volumeBackendName,
        String pool,
        String availabilityZone,
        double maxOverSubscriptionRatio,
        int reservedPercentage,
        Duration statsInterval) {
    /** {@code volumes.host} and {@code services.host} are VARCHAR(255). */
    private static final int LONGEST = 255;

    /** Checks that names can be put together and taken apart again. */
    public BackendOptions {
        part("host", host);
        part("backend", name);
        part("pool", pool);
        if (host.length() + name.length() + pool.length() + 2 > LONGEST) {
            throw new IllegalArgumentException(
                    "host, backend and pool together have more than "
                            + (LONGEST - 2)
                            + " characters, and Cinder keeps no more; use shorter ones");
        }
    }

    private static void part(String option, String text) {
        if (!text.matches("[^@#\\s]+")) {
            throw new IllegalArgumentException(
                    "[cinder] " + option + " = " + text + ": use a name without @, # and spaces");
        }
    }

    /** {@code host@backend}: of the service, of the lease, and where requests are sent. */
    public String serviceHost() {
        return host + "@" + name;
    }

    /** {@code host@backend#pool}: where volumes are. */
    public String poolHost() {
        return serviceHost() + "#" + pool;
    }
}
