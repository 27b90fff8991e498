package io.virtman.cinder.app.doctor;

import io.virtman.bridge.config.KeystoneOptions;
import io.virtman.bridge.keystone.ServiceAccount;
import io.virtman.openstack.Servers;
import io.virtman.openstack.ServiceSession;
import io.virtman.openstack.VolumeServices;
import io.virtman.openstack.http.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@link Cloud} over the REST interfaces, with the settings that the bridge itself uses. */
public final class OpenStackCloud implements Cloud {
    /** Asks twice, and answers well before the doctor loses patience. */
    private static final Limits LIMITS =
            new Limits(
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(10),
                    2,
                    Duration.ofMillis(250),
                    4 << 20);

    private final ServiceSession session;

    private OpenStackCloud(ServiceSession session) {
        this.session = session;
    }

    /**
     * Logs in.
     *
     * @return never empty
     * @throws io.virtman.openstack.http.OpenStackException when Keystone gives no token
     */
    public static Optional<Cloud> login(KeystoneOptions account) {
        ServiceSession session = new ServiceSession(ServiceAccount.settings(account), LIMITS);
        try {
            var _ = session.token();
            return Optional.of(new OpenStackCloud(session));
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }

    @Override
    public String endpoint(String service) {
        return session.endpoint(service).toString();
    }

    @Override
    public List<ComputeHost> computeHosts() {
        return new Servers(session)
                .computeHosts().stream()
                        .map(host -> new ComputeHost(host.host(), host.enabled() && host.up()))
                        .toList();
    }

    @Override
    public List<VolumeService> volumeServices() {
        return new VolumeServices(session)
                .services().stream()
                        .filter(service -> service.binary().equals("cinder-volume"))
                        .map(service ->
                                new VolumeService(service.host(), service.enabled(), service.up()))
                        .toList();
    }

    @Override
    public void close() {
        session.close();
    }
}
