package io.virtman.bridge.keystone;

import io.virtman.bridge.config.KeystoneOptions;
import io.virtman.openstack.EndpointInterface;
import io.virtman.openstack.KeystoneSettings;
import java.util.Map;

/** The account of a bridge. */
public final class ServiceAccount {
    private ServiceAccount() {}

    /** What the client of OpenStack's REST interfaces is told. */
    public static KeystoneSettings settings(KeystoneOptions options) {
        return new KeystoneSettings(
                options.authUrl(),
                new KeystoneSettings.Password(
                        options.username(),
                        options.password(),
                        options.userDomainName(),
                        options.projectName(),
                        options.projectDomainName()),
                options.regionName().orElse(null),
                EndpointInterface.of(options.endpoints().name()),
                options.cafile().orElse(null),
                Map.of());
    }
}
