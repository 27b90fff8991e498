package io.virtman.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import io.virtman.openstack.http.JsonFields;
import io.virtman.openstack.http.OpenStackException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
        List<VolumeKind> kinds = new ArrayList<>();
        for (JsonFields type : answer.objects("volume_types")) {
            Map<String, String> specs = new LinkedHashMap<>();
            if (type.hasObject("extra_specs")) {
                for (Map.Entry<String, JsonNode> each : type.object("extra_specs").all()) {
                    specs.put(each.getKey(), each.getValue().asText());
                }
            }
            kinds.add(
                    new VolumeKind(
                            type.text("id"), type.text("name"), type.flag("is_public"), specs));
        }
        return kinds;
    }
}
