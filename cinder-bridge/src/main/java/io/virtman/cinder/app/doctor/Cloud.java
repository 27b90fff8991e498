package io.virtman.cinder.app.doctor;

import io.virtman.bridge.config.KeystoneOptions;
import java.util.List;
import java.util.Optional;

/** What the doctor asks of Keystone, Glance and Nova; the seam to a client of OpenStack. */
public interface Cloud extends AutoCloseable {
    /** Logs in. */
    @FunctionalInterface
    interface Login {
        /**
         * Logs in with that account, within 10 s.
         *
         * @return empty when this program can't
         * @throws RuntimeException with a text for people when it fails
         */
        Optional<Cloud> as(KeystoneOptions account);
    }

    /**
     * A host of nova-compute.
     *
     * @param name as requests to attach a volume have it
     * @param inUse whether it is enabled and up
     */
    record ComputeHost(String name, boolean inUse) {}

    /**
     * A service of cinder-volume.
     *
     * @param host {@code HOST@BACKEND}
     * @param enabled whether the scheduler may give it volumes
     * @param up whether it has shown life lately
     */
    record VolumeService(String host, boolean enabled, boolean up) {}

    /**
     * Where a service is.
     *
     * @param service {@code image} or {@code compute}
     * @throws RuntimeException with a text for people when the catalogue has none
     */
    String endpoint(String service);

    /**
     * The hosts of nova-compute, which only administrators may list.
     *
     * @throws RuntimeException with a text for people when the role is not sufficient
     */
    List<ComputeHost> computeHosts();

    /**
     * Cinder's backends, as its API tells them; only administrators may list them.
     *
     * @throws RuntimeException with a text for people when the role is not sufficient
     */
    List<VolumeService> volumeServices();

    @Override
    void close();
}
