package io.virtman.openstack;

import io.virtman.openstack.http.JsonFields;
import io.virtman.openstack.http.OpenStackException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Where the services are: the catalogue that comes with a token, and the settings' overrides. */
final class Endpoints {
    static final String IMAGE = "image";
    static final String COMPUTE = "compute";
    static final String BLOCK_STORAGE = "block-storage";
    static final String NETWORK = "network";

    /** Each service, and the types it has in catalogues, newest names first. */
    static final Map<String, List<String>> KINDS =
            new TreeMap<>(
                    Map.of(
                            IMAGE,
                            List.of("image"),
                            COMPUTE,
                            List.of("compute"),
                            BLOCK_STORAGE,
                            List.of("block-storage", "volumev3", "block-store"),
                            NETWORK,
                            List.of("network")));

    /** An endpoint of the right interface and region. */
    private record Endpoint(String type, URI url) {}

    private final List<Endpoint> usable = new ArrayList<>();
    private final KeystoneSettings settings;
    private final @Nullable String projectId;

    /**
     * Reads a catalogue; what is of no use here is left out, whatever it looks like.
     *
     * @param token the object {@code token} of Keystone's answer
     */
    Endpoints(KeystoneSettings settings, JsonFields token) {
        this.settings = settings;
        this.projectId = token.hasObject("project") ? token.object("project").text("id") : null;
        for (JsonFields service : token.objects("catalog")) {
            String type = service.text("type");
            for (JsonFields endpoint : service.objects("endpoints")) {
                URI url = endpoint.urlOrNull("url");
                if (url != null
                        && settings.endpoints().word().equals(endpoint.textOrNull("interface"))
                        && ofRegion(endpoint)) {
                    usable.add(new Endpoint(type, url));
                }
            }
        }
    }

    private boolean ofRegion(JsonFields endpoint) {
        String region = settings.region();
        return region == null
                || region.equals(endpoint.textOrNull("region_id"))
                || region.equals(endpoint.textOrNull("region"));
    }

    /**
     * The URL to which paths are appended: ends in the version, and in the project where Cinder of
     * old wants that.
     *
     * @throws OpenStackException.Unexpected when the catalogue has none
     */
    String url(String service) {
        URI found = find(service);
        if (found == null) {
            throw new OpenStackException.Unexpected(
                    "no "
                            + service
                            + " in Keystone's catalogue for region "
                            + settings.region()
                            + " and interface "
                            + settings.endpoints().word());
        }
        String url = found.toString();
        url = url.replaceFirst("/+$", "");
        boolean versioned = url.matches("https?://[^/]+(/.*)?/v[0-9.]+(/[^/]+)?");
        return switch (service) {
            case IMAGE -> url.replaceFirst("/v[0-9.]+$", "") + "/v2";
            case NETWORK -> url.replaceFirst("/v[0-9.]+$", "") + "/v2.0";
            case COMPUTE -> versioned ? url : url + "/v2.1";
            default -> {
                String v3 = versioned ? url : url + "/v3";
                yield v3.endsWith("/v3") && projectId != null ? v3 + "/" + projectId : v3;
            }
        };
    }

    /** Whether there is one. */
    boolean has(String service) {
        return find(service) != null;
    }

    private @Nullable URI find(String service) {
        URI override = settings.overrides().get(service);
        if (override != null) {
            return override;
        }
        for (String type : KINDS.getOrDefault(service, List.of())) {
            for (Endpoint endpoint : usable) {
                if (endpoint.type.equals(type)) {
                    return endpoint.url;
                }
            }
        }
        return null;
    }
}
