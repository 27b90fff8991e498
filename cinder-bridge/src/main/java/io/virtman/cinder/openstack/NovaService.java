package io.virtman.cinder.openstack;

import io.virtman.cinder.cloud.ComputeService;
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
    public Optional<String> hostOf(String instance) {
        return Problems.translate(
                "Nova",
                () -> {
                    try {
                        return Optional.ofNullable(servers.host(instance).host());
                    } catch (OpenStackException.NotFound e) {
                        return Optional.empty();
                    }
                });
    }
}
