package io.virtman.cinder.database;

import java.util.Optional;

/**
 * As what the bridge appears among Cinder's services.
 *
 * @param host {@code host@backend}, without a pool
 * @param availabilityZone Cinder's {@code storage_availability_zone}
 * @param rpcVersion the newest version of the volume RPC API that is implemented, {@code 3.x}.
 *     Every sender caps what it sends by the lowest of all cinder-volume services, so that one
 *     lower than theirs takes features from all backends
 * @param objectVersion of Cinder's objects; empty to copy that of the cinder-scheduler rows. One
 *     that Cinder doesn't know makes each of its services fail
 */
public record ServiceIdentity(
        String host, String availabilityZone, String rpcVersion, Optional<String> objectVersion) {
    /** Checks the forms. */
    public ServiceIdentity {
        require(host.matches("[^@#]+@[^@#]+"), "host: HOST@BACKEND, not " + host);
        require(!availabilityZone.isEmpty(), "availability zone: empty");
        require(rpcVersion.matches("3\\.\\d{1,4}"), "RPC version: 3.x, not " + rpcVersion);
        require(
                objectVersion.isEmpty() || objectVersion.get().matches("1\\.\\d{1,4}"),
                "object version: 1.x, not " + objectVersion);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
