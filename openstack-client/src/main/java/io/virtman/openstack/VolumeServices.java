package io.virtman.openstack;

import io.virtman.openstack.http.JsonFields;
import io.virtman.openstack.http.OpenStackException;
import java.util.List;
import java.util.Map;
import org.openstack4j.model.storage.block.ext.Service;

/** Cinder, for diagnosis only, as the service's own account, which must be an administrator's. */
public final class VolumeServices {
    private static final String MICROVERSION = "volume 3.0";

    private final ServiceSession session;

    /** Calls nothing yet. */
    public VolumeServices(ServiceSession session) {
        this.session = session;
    }

    /**
     * All services, the backends among them.
     *
     * @throws OpenStackException {@code Forbidden} for whom is no administrator, and others
     */
    public List<ServiceState> services() {
        return session.openStack4j(
                MICROVERSION,
                client ->
                        client.blockStorage().services().list().stream()
                                .map(VolumeServices::state)
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

    /**
     * All volume types, also private ones, which OpenStack4j cannot ask for.
     *
     * @throws OpenStackException when Cinder gives no list
     */
    public List<VolumeKind> types() {
        JsonFields answer =
                session.get(
                        Endpoints.BLOCK_STORAGE,
                        "/types?is_public=None",
                        Map.of("OpenStack-API-Version", MICROVERSION));
        return answer.objects("volume_types").stream().map(VolumeKind::of).toList();
    }
}
