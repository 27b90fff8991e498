package io.virtman.openstack;

import io.virtman.openstack.http.JsonFields;
import io.virtman.openstack.http.OpenStackException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Making servers with Nova, as the user of a session: usually one of a trust. */
public final class Builds {
    /** The oldest that takes tags (2.52) and types of volumes (2.67) for new servers; Stein. */
    private static final String MICROVERSION = "compute 2.67";

    private static final int PAGE = 100;
    private static final int PAGES = 100;

    /** This much of the user data in a reason is no coincidence. */
    private static final int QUOTED = 16;

    private final ServiceSession session;

    /** Calls nothing yet. */
    public Builds(ServiceSession session) {
        this.session = session;
    }

    /**
     * Asks for servers; they are built after that. Sent once: when it is {@code Unavailable} they
     * may come up all the same, and their tags show which.
     *
     * @return Nova's id of the reservation, the same for all of them
     * @throws OpenStackException {@code Refused} for what cannot be made, a used-up quota among it,
     *     with the reason; and others
     */
    public String create(NewServers servers) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("server", server(servers));
        if (servers.serverGroupId() != null) {
            body.put("os:scheduler_hints", Map.of("group", servers.serverGroupId()));
        }
        try {
            return session.post(Endpoints.COMPUTE, "/servers", MICROVERSION, body)
                    .text("reservation_id");
        } catch (OpenStackException.Refused e) {
            throw quotes(e, servers.userData())
                    ? new OpenStackException.Refused(String.valueOf(e.getMessage()), "")
                    : e;
        }
    }

    private static boolean quotes(OpenStackException e, @Nullable String userData) {
        return userData != null
                && !userData.isEmpty()
                && e.reason().contains(userData.substring(0, Math.min(QUOTED, userData.length())));
    }

    private static Map<String, Object> server(NewServers servers) {
        Map<String, Object> server = new LinkedHashMap<>();
        server.put("name", servers.name());
        server.put("flavorRef", servers.flavorId());
        server.put("min_count", servers.count());
        server.put("max_count", servers.count());
        server.put("return_reservation_id", true);
        server.put("block_device_mapping_v2", List.of(disk(servers.disk())));
        server.put("networks", servers.networks().asJson());
        server.put("metadata", servers.metadata());
        server.put("tags", servers.tags());
        put(server, "key_name", servers.keyName());
        put(server, "user_data", servers.userData());
        put(server, "availability_zone", servers.availabilityZone());
        return server;
    }

    private static Map<String, Object> disk(BootDisk disk) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("boot_index", 0);
        entry.put("source_type", disk.source().word());
        entry.put("destination_type", "volume");
        entry.put("uuid", disk.id());
        entry.put("volume_size", disk.gib());
        entry.put("delete_on_termination", true);
        put(entry, "volume_type", disk.volumeType());
        return entry;
    }

    private static void put(Map<String, Object> fields, String name, @Nullable String value) {
        if (value != null) {
            fields.put(name, value);
        }
    }

    /**
     * The servers of the user's project with that tag, in no order. Those that come or go meanwhile
     * may be missed, and so may those of a cell of Nova that is away: one that is not in the list
     * is not gone for that.
     *
     * @param tag as {@link NewServers#isTag} has it
     * @throws OpenStackException {@code Unexpected} for more than 10 000, and others
     */
    public List<BuiltServer> list(String tag) {
        if (!NewServers.isTag(tag)) {
            throw new IllegalArgumentException("tag: letters, digits and ._:-");
        }
        String path = "/servers/detail?tags=" + tag + "&limit=" + PAGE;
        Map<String, BuiltServer> all = new LinkedHashMap<>();
        String marker = "";
        for (int page = 0; page < PAGES; page++) {
            JsonFields answer = get(path + marker);
            List<BuiltServer> servers =
                    answer.listed("servers").stream().map(BuiltServer::of).toList();
            int before = all.size();
            servers.forEach(server -> all.put(server.id(), server));
            boolean more =
                    answer.objects("servers_links").stream()
                            .anyMatch(link -> "next".equals(link.textOrNull("rel")));
            if (!more || servers.isEmpty()) {
                return new ArrayList<>(all.values());
            }
            if (all.size() == before) {
                throw new OpenStackException.Unexpected("servers: a page was given twice");
            }
            marker = "&marker=" + servers.getLast().id();
        }
        throw new OpenStackException.Unexpected("servers: more than " + PAGE * PAGES);
    }

    /** A server; empty when it isn't there, or not any more. */
    public Optional<BuiltServer> find(String id) {
        try {
            BuiltServer server = BuiltServer.of(get(path(id)).object("server"));
            if (!server.id().equals(id)) {
                throw new OpenStackException.Unexpected("server: the answer is another server");
            }
            return Optional.of(server);
        } catch (OpenStackException.NotFound _) {
            return Optional.empty();
        }
    }

    /** Deletes a server, and its boot disk with it; goes on after that. Whether it was there. */
    public boolean delete(String id) {
        return Ids.fits(id) && session.delete(Endpoints.COMPUTE, path(id));
    }

    /** What the project may have, and has. */
    public ComputeLimits limits() {
        JsonFields absolute = get("/limits").object("limits").object("absolute");
        return new ComputeLimits(
                Quota.of(absolute, "maxTotalInstances", "totalInstancesUsed"),
                Quota.of(absolute, "maxTotalCores", "totalCoresUsed"),
                Quota.of(absolute, "maxTotalRAMSize", "totalRAMUsed"));
    }

    private JsonFields get(String path) {
        return session.get(Endpoints.COMPUTE, path, Map.of(ServiceSession.VERSION, MICROVERSION));
    }

    private static String path(String id) {
        return "/servers/" + Ids.checked("server", id);
    }
}
