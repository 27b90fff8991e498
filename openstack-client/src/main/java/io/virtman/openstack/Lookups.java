package io.virtman.openstack;

import io.virtman.openstack.http.OpenStackException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.openstack4j.model.compute.Keypair;

/**
 * What a new server names, in Nova and Neutron, as the user of a session sees it. {@code NotFound}
 * says that there is no such thing, and nothing else says so.
 */
public final class Lookups {
    private static final String MICROVERSION = "compute 2.1";

    private static final int PAGE = 500;
    private static final int PAGES = 20;

    /** What Nova lets a flavor's id be, less what would need quoting or change a path. */
    private static final Pattern FLAVOR_ID = Pattern.compile("(?!\\.)[0-9A-Za-z._-]{1,255}");

    /** What Nova lets a key pair's name be, and a little more. */
    private static final Pattern KEY_NAME = Pattern.compile("(?!\\.)[^/\\p{Cc}\\p{Cs}]{1,255}");

    private final ServiceSession session;

    /** Calls nothing yet. */
    public Lookups(ServiceSession session) {
        this.session = session;
    }

    /**
     * A flavor that the user may use.
     *
     * @param idOrName its id; else its name, which is unique
     * @throws OpenStackException {@code NotFound} when there is none, and others
     */
    public Flavor flavor(String idOrName) {
        if (FLAVOR_ID.matcher(idOrName).matches()) {
            try {
                Flavor flavor =
                        session.openStack4j(
                                MICROVERSION,
                                client -> flavor(client.compute().flavors().get(idOrName)));
                if (!flavor.id().equals(idOrName)) {
                    throw new OpenStackException.Unexpected("flavor: the answer is another one");
                }
                return flavor;
            } catch (OpenStackException.NotFound _) {
                // It may be a name.
            }
        }
        String marker = null;
        for (int page = 0; page < PAGES; page++) {
            List<Flavor> flavors = flavors(marker);
            Optional<Flavor> found =
                    flavors.stream()
                            .filter(each -> Set.of(each.id(), each.name()).contains(idOrName))
                            .findAny();
            if (found.isPresent()) {
                return found.get();
            }
            if (flavors.isEmpty() || flavors.getLast().id().equals(marker)) {
                throw new OpenStackException.NotFound("no such flavor");
            }
            marker = flavors.getLast().id();
        }
        throw new OpenStackException.Unexpected("flavors: too many");
    }

    private List<Flavor> flavors(@Nullable String marker) {
        String limit = String.valueOf(PAGE);
        Map<String, String> page =
                marker == null ? Map.of("limit", limit) : Map.of("limit", limit, "marker", marker);
        return session.openStack4j(
                MICROVERSION,
                client ->
                        client.compute().flavors().list(page).stream()
                                .map(Lookups::flavor)
                                .toList());
    }

    private static Flavor flavor(org.openstack4j.model.compute.Flavor flavor) {
        // OpenStack4j makes 0 of what is missing.
        if (flavor.getRam() < 1 || flavor.getVcpus() < 1 || flavor.getDisk() < 0) {
            throw new OpenStackException.Unexpected("flavor: without memory or processors");
        }
        return new Flavor(
                Texts.required("flavor.id", flavor.getId()),
                Texts.required("flavor.name", flavor.getName()),
                flavor.getRam(),
                flavor.getVcpus(),
                flavor.getDisk());
    }

    /**
     * A key pair of the user.
     *
     * @throws OpenStackException {@code NotFound} when they have none of that name, and others
     */
    public KeyPair keyPair(String name) {
        if (!KEY_NAME.matcher(name).matches()) {
            throw new OpenStackException.NotFound("no key pair can have this name");
        }
        return session.openStack4j(
                MICROVERSION,
                client -> {
                    Keypair pair = client.compute().keypairs().get(quoted(name));
                    if (!name.equals(pair.getName())) {
                        throw new OpenStackException.Unexpected(
                                "key pair: the answer is another one");
                    }
                    return new KeyPair(name, pair.getFingerprint());
                });
    }

    /**
     * A server group of the user's project.
     *
     * @throws OpenStackException {@code NotFound} when there is none, and others
     */
    public ServerGroup serverGroup(String id) {
        String checked = Ids.checked("server group", id);
        return session.openStack4j(
                MICROVERSION,
                client -> {
                    org.openstack4j.model.compute.ServerGroup group =
                            client.compute().serverGroups().get(checked);
                    if (!checked.equals(group.getId())) {
                        throw new OpenStackException.Unexpected(
                                "server group: the answer is another one");
                    }
                    return new ServerGroup(
                            checked,
                            Texts.required("server_group.name", group.getName()),
                            Objects.requireNonNullElse(group.getPolicies(), List.of()));
                });
    }

    /** Names of the availability zones that take servers, in the order of the alphabet. */
    public Set<String> availabilityZones() {
        return session.openStack4j(
                MICROVERSION,
                client -> {
                    Set<String> names = new TreeSet<>();
                    client.compute().zones().list().stream()
                            .filter(zone -> zone.getZoneState().getAvailable())
                            .map(zone -> Texts.required("zone.zoneName", zone.getZoneName()))
                            .forEach(names::add);
                    return names;
                });
    }

    /** Whether there is a networking service: some clouds, and testbeds, have none. */
    public boolean hasNetworking() {
        return session.offers(Endpoints.NETWORK);
    }

    /**
     * A network that the user sees.
     *
     * @return empty when there is no networking service to ask
     * @throws OpenStackException {@code NotFound} when there is no such network, and others
     */
    public Optional<Network> network(String id) {
        String checked = Ids.checked("network", id);
        return hasNetworking()
                ? Optional.of(
                        session.openStack4j(
                                MICROVERSION,
                                client -> network(checked, client.networking().network().get(id))))
                : Optional.empty();
    }

    private static Network network(String id, org.openstack4j.model.network.Network network) {
        if (!id.equals(network.getId())) {
            throw new OpenStackException.Unexpected("network: the answer is another one");
        }
        List<String> subnets = network.getSubnets();
        return new Network(
                id,
                network.getName(),
                network.isAdminStateUp(),
                subnets != null && !subnets.isEmpty(),
                network.isRouterExternal(),
                network.isShared());
    }

    private static String quoted(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
