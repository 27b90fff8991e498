package io.virtman.cinder.openstack;

import io.virtman.cinder.cloud.ComputeService;
import io.virtman.cinder.cloud.InstancePlace;
import io.virtman.openstack.ServerPlace;
import io.virtman.openstack.Servers;
import io.virtman.openstack.ServiceSession;
import io.virtman.openstack.http.OpenStackException;
import java.util.Optional;

/** {@link ComputeService} over Nova's REST API. */
public final class NovaService implements ComputeService {
    private final Servers servers;

    public NovaService(ServiceSession session) {
        this.servers = new Servers(session);
    }

    @Override
    public Optional<InstancePlace> placeOf(String instance) {
        return Problems.translate(
                "Nova",
                () -> {
                    try {
                        ServerPlace server = servers.host(instance);
                        return Optional.ofNullable(server.host())
                                .map(host -> new InstancePlace(host, server.tenantId()));
                    } catch (OpenStackException.NotFound e) {
                        return Optional.empty();
                    }
                });
    }
}
