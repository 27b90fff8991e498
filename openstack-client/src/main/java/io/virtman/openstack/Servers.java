package io.virtman.openstack;

import io.virtman.openstack.http.OpenStackException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openstack4j.model.compute.Server;
import org.openstack4j.model.compute.ext.Service;

/** Nova, as the service's own account, which must be an administrator's. */
public final class Servers {
    /** All that is asked here is in the oldest. */
    private static final String MICROVERSION = "compute 2.1";

    private final ServiceSession session;

    /** Calls nothing yet. */
    public Servers(ServiceSession session) {
        this.session = session;
    }

    /**
     * Where a server is.
     *
     * @throws OpenStackException {@code NotFound} when there is none, {@code Forbidden} when the
     *     account may not see hosts, and others
     */
    public ServerPlace host(String instanceUuid) {
        String id = Ids.checked("server", instanceUuid);
        return session.openStack4j(
                MICROVERSION, client -> place(id, client.compute().servers().get(id)));
    }

    private ServerPlace place(String id, Server server) {
        if (!id.equals(server.getId()) || server.getStatus() == null) {
            throw new OpenStackException.Unexpected("server: the answer is not this server");
        }
        // Nova leaves out both for whom is no administrator, and every server has a name.
        if (server.getHost() == null && server.getInstanceName() == null) {
            throw new OpenStackException.Forbidden(
                    session + ": this account may not see the hosts of servers");
        }
        return new ServerPlace(
                id,
                emptyAsNull(server.getHost()),
                server.getStatus().name(),
                emptyAsNull(server.getTaskState()),
                Texts.required("server.tenant_id", server.getTenantId()));
    }

    /**
     * The nova-compute services, for diagnosis.
     *
     * @throws OpenStackException {@code Forbidden} for whom is no administrator, and others
     */
    public List<ServiceState> computeHosts() {
        return session.openStack4j(
                MICROVERSION,
                client ->
                        client.compute().services().list(Map.of("binary", "nova-compute")).stream()
                                .map(Servers::state)
                                .toList());
    }

    private static ServiceState state(Service service) {
        return new ServiceState(
                Texts.required("service.binary", service.getBinary()),
                Texts.required("service.host", service.getHost()),
                Texts.required("service.zone", service.getZone()),
                service.getStatus() == Service.Status.ENABLED,
                service.getState() == Service.State.UP);
    }

    private static @Nullable String emptyAsNull(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }
}
